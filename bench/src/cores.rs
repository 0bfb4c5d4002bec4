//! Who measures and who is measured do not share a core.

use std::sync::LazyLock;

use core_affinity::CoreId;

/// Those there were at first: a thread that was pinned knows of its own core alone, and so does what it starts.
static CORES: LazyLock<Vec<CoreId>> =
    LazyLock::new(|| core_affinity::get_core_ids().unwrap_or_default());

/// The core for one of the two sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Core {
    /// For what is measured.
    Reader,
    /// For what feeds it.
    Feeder,
}

/// Keeps the calling thread, and the processes it starts, on a core of its own: left to the scheduler the two share one in
/// some runs and not in others, and the ratio says more about that than about the reader. With a single core, or where
/// the system does not let us, it runs where it likes.
pub fn pin(core: Core) {
    if let [reader, .., feeder] = CORES[..] {
        core_affinity::set_for_current(match core {
            Core::Reader => reader,
            Core::Feeder => feeder,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_was_pinned_can_be_pinned_elsewhere() {
        if CORES.len() < 2 {
            return;
        }
        let here = |core| {
            pin(core);
            core_affinity::get_core_ids().unwrap_or_default()
        };
        // A thread of its own, whose place nobody inherits.
        let [reader, feeder] =
            std::thread::spawn(move || [here(Core::Reader), here(Core::Feeder)]).join().unwrap();
        assert!(
            reader.len() == 1 && feeder.len() == 1 && reader != feeder,
            "{reader:?} {feeder:?}"
        );
    }
}
