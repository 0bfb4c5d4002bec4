use domain::UnixMillis;

use crate::rule::book::RuleBook;

pub(super) const MINUTE: i64 = 60_000;

/// Which schedules are closed, looked up once a minute: they begin and end with one.
#[derive(Debug, Default)]
pub(super) struct Hours {
    minute: Option<i64>,
    pub(super) closed: Vec<bool>,
    pub(super) any: bool,
}

impl Hours {
    pub(super) fn of(book: &RuleBook) -> Self {
        let any = book.rules().iter().any(|rule| rule.schedule.is_some());
        Self { minute: None, closed: vec![false; book.rules().len()], any }
    }

    /// Returns whether one has opened.
    pub(super) fn look(&mut self, book: &RuleBook, now: UnixMillis) -> bool {
        let minute = now.0.div_euclid(MINUTE);
        if !self.any || self.minute == Some(minute) {
            return false;
        }
        let first = self.minute.replace(minute).is_none();
        let mut opened = false;
        for (rule, closed) in book.rules().iter().zip(&mut self.closed) {
            let open = rule.schedule.as_ref().is_none_or(|schedule| schedule.is_open(now));
            opened |= open && *closed && !first;
            *closed = !open;
        }
        opened
    }
}
