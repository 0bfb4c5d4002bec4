use std::collections::VecDeque;
use std::sync::Arc;

use crate::log::{Entry, History};

/// The newest messages, as many as fit. One that is asked for by its place is found by halving.
#[derive(Debug, Default)]
pub(super) struct Recent {
    entries: VecDeque<Arc<Entry>>,
    bytes: usize,
}

/// What is at hand of a stretch of the log.
#[derive(Debug)]
pub(in crate::server) enum Recently {
    All(Vec<Arc<Entry>>),
    /// Up to here the log has to be read.
    NotSince(u64),
}

impl Recent {
    pub(super) fn push(&mut self, entry: &Arc<Entry>) {
        self.bytes += entry.kind.text.len();
        self.entries.push_back(Arc::clone(entry));
    }

    pub(super) fn trim(&mut self, count: usize, bytes: usize) -> Option<u64> {
        let mut gone = None;
        while self.entries.len() > count || self.bytes > bytes {
            let entry = self.entries.pop_front()?;
            self.bytes -= entry.kind.text.len();
            gone = Some(entry.offset);
        }
        gone
    }

    pub(super) fn reaches(&self, position: u64) -> bool {
        self.entries.front().is_some_and(|entry| entry.offset <= position + 1)
    }

    pub(super) fn after(&self, position: u64) -> impl Iterator<Item = &Arc<Entry>> {
        let start = self.entries.partition_point(|entry| entry.offset <= position);
        self.entries.iter().skip(start)
    }

    /// Drops the oldest until there are no more of them than that.
    pub(super) fn keep(&mut self, history: History) {
        self.trim(history.messages, history.bytes);
    }

    /// Those with `after < offset <= upto`: from the first one on, or from where it says that they begin. Nothing must be
    /// missing between the oldest and the newest.
    pub(super) fn stretch(&self, after: u64, upto: u64) -> Recently {
        match self.entries.front() {
            Some(first) if first.offset > upto => Recently::NotSince(upto),
            Some(first) if first.offset > after + 1 => Recently::NotSince(first.offset - 1),
            Some(_) => {
                let upto = |entry: &&Arc<Entry>| entry.offset <= upto;
                Recently::All(self.after(after).take_while(upto).cloned().collect())
            }
            None => Recently::NotSince(upto),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::EntryKind;

    fn recent(offsets: std::ops::RangeInclusive<u64>) -> Recent {
        let mut recent = Recent::default();
        for offset in offsets {
            let kind = EntryKind { ty: "note".into(), change: None, text: "{\"a\":1}".into() };
            recent.push(&Arc::new(Entry::new(offset, kind, None)));
        }
        recent
    }

    #[test]
    fn what_is_at_hand_is_given_and_the_rest_named() {
        let recent = recent(5..=9);
        let at_hand = |after, upto| match recent.stretch(after, upto) {
            Recently::All(entries) => {
                Ok(entries.iter().map(|entry| entry.offset).collect::<Vec<_>>())
            }
            Recently::NotSince(upto) => Err(upto),
        };
        assert_eq!(at_hand(4, 9), Ok(vec![5, 6, 7, 8, 9]));
        assert_eq!(at_hand(6, 8), Ok(vec![7, 8]));
        assert_eq!(at_hand(9, 9), Ok(vec![]));
        assert_eq!(at_hand(3, 9), Err(4), "the log is read up to there");
        assert_eq!(at_hand(1, 3), Err(3), "and no further than was asked for");
        assert!(matches!(Recent::default().stretch(0, 7), Recently::NotSince(7)));
    }

    #[test]
    fn the_oldest_go_by_number_and_by_length() {
        let mut by_number = recent(1..=9);
        assert_eq!(by_number.trim(4, usize::MAX), Some(5));
        assert!(by_number.reaches(5) && !by_number.reaches(4));
        // Seven bytes each.
        let mut by_length = recent(1..=9);
        assert_eq!(by_length.trim(usize::MAX, 30), Some(5));
        assert_eq!(by_length.trim(usize::MAX, 30), None);
        by_length.keep(History::NONE);
        assert!(!by_length.reaches(9) && by_length.after(0).next().is_none());
    }
}
