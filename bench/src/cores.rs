//! Who measures and who is measured do not share a core.

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
    let cores = core_affinity::get_core_ids().unwrap_or_default();
    if let [reader, .., feeder] = cores[..] {
        core_affinity::set_for_current(match core {
            Core::Reader => reader,
            Core::Feeder => feeder,
        });
    }
}
