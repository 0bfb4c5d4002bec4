use std::collections::VecDeque;

use smol_str::SmolStr;

use super::Counts;

/// Which events there were once, so that whoever missed them can be told how many they were.
#[derive(Debug, Default)]
pub(super) struct Gone {
    events: VecDeque<(u64, SmolStr)>,
    /// What went up to here is forgotten as well.
    forgotten: u64,
}

impl Gone {
    /// About 2 MiB. Who was away for longer is told that nobody knows.
    const LIMIT: usize = 65_536;

    /// What came before is not known.
    pub(super) fn since(offset: u64) -> Self {
        Self { events: VecDeque::new(), forgotten: offset }
    }

    pub(super) fn note(&mut self, offset: u64, ty: SmolStr) {
        self.note_within(Self::LIMIT, offset, ty);
    }

    fn note_within(&mut self, limit: usize, offset: u64, ty: SmolStr) {
        self.events.push_back((offset, ty));
        if self.events.len() > limit
            && let Some((offset, _)) = self.events.pop_front()
        {
            self.forgotten = offset;
        }
    }

    /// The types of those after an offset and how many of each; `None` when that is forgotten.
    pub(super) fn after(&self, offset: u64) -> Option<Counts> {
        self.between(offset, u64::MAX)
    }

    /// The same of those before another offset.
    pub(super) fn between(&self, offset: u64, before: u64) -> Option<Counts> {
        if offset < self.forgotten {
            return None;
        }
        let mut counts = Counts::new();
        let start = self.events.partition_point(|(at, _)| *at <= offset);
        for (_, ty) in self.events.range(start..).take_while(|(at, _)| *at < before) {
            *counts.entry(ty.clone()).or_default() += 1;
        }
        Some(counts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_forgotten_is_not_guessed_at() {
        let mut gone = Gone::default();
        for (offset, ty) in [(3, "a"), (5, "b"), (6, "a"), (9, "a")] {
            gone.note_within(3, offset, ty.into());
        }
        assert_eq!(gone.after(2), None, "3 was one, and nobody knows whether there were others");
        let counts = |offset| gone.after(offset).unwrap().into_iter().collect::<Vec<_>>();
        assert_eq!(counts(3), [("a".into(), 2), ("b".into(), 1)]);
        assert_eq!(counts(6), [("a".into(), 1)]);
        assert!(counts(9).is_empty());
        let between = |offset, before| gone.between(offset, before).map(|all| all.values().sum());
        assert_eq!((between(3, 9), between(5, 6)), (Some(2), Some(0)));
        assert_eq!(Gone::since(7).after(6), None);
    }
}
