use std::collections::{BTreeMap, VecDeque};

use smol_str::SmolStr;

/// Which events a log has dropped, so that whoever missed them can be told how many they were.
#[derive(Debug, Default)]
pub(super) struct Gone {
    events: VecDeque<(u64, SmolStr)>,
    /// What went up to here is forgotten as well.
    forgotten: u64,
}

impl Gone {
    /// About 2 MiB. Who was away for longer is told that nobody knows.
    const LIMIT: usize = 65_536;

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
    pub(super) fn after(&self, offset: u64) -> Option<BTreeMap<SmolStr, u64>> {
        if offset < self.forgotten {
            return None;
        }
        let mut counts = BTreeMap::new();
        let start = self.events.partition_point(|(at, _)| *at <= offset);
        for (_, ty) in self.events.range(start..) {
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
    }
}
