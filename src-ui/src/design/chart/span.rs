//! The stretch of time that is drawn, and how it is changed.

use domain::UnixMillis;

/// From a moment to a later one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) from: UnixMillis,
    pub(crate) to: UnixMillis,
}

impl Span {
    /// Milliseconds that are drawn at least: what is recorded is not finer than a second.
    const LEAST: i64 = 30_000;

    /// Whichever of the two is earlier comes first.
    pub(crate) fn between(a: UnixMillis, b: UnixMillis) -> Self {
        Self { from: a.min(b), to: a.max(b) }
    }

    pub(crate) fn width(self) -> i64 {
        self.to.0.saturating_sub(self.from.0).max(1)
    }

    pub(crate) fn contains(self, at: UnixMillis) -> bool {
        self.from <= at && at <= self.to
    }

    /// How far from the left edge a moment is, in widths: from 0 to 1 within the span.
    pub(crate) fn across(self, at: UnixMillis) -> f64 {
        (at.0 - self.from.0) as f64 / self.width() as f64
    }

    /// The moment that is that far from the left edge.
    pub(crate) fn at(self, share: f64) -> UnixMillis {
        let offset = (share.clamp(0.0, 1.0) * self.width() as f64) as i64;
        UnixMillis(self.from.0.saturating_add(offset))
    }

    /// `factor` times as wide, with `around` at the place where it is; within `whole`.
    pub(crate) fn scaled(self, factor: f64, around: UnixMillis, whole: Self) -> Self {
        let width = (self.width() as f64 * factor) as i64;
        let width = width.clamp(Self::LEAST.min(whole.width()), whole.width());
        let around = around.clamp(self.from, self.to);
        let before = (self.across(around) * width as f64) as i64;
        Self::of(UnixMillis(around.0.saturating_sub(before)), width).within(whole)
    }

    /// As wide as it is, `share` of its width later, or earlier; within `whole`.
    pub(crate) fn moved(self, share: f64, whole: Self) -> Self {
        let by = (self.width() as f64 * share) as i64;
        Self::of(UnixMillis(self.from.0.saturating_add(by)), self.width()).within(whole)
    }

    /// What was marked, widened to the least there is to see; within `whole`.
    pub(crate) fn marked(self, whole: Self) -> Self {
        if self.width() >= Self::LEAST {
            return self.within(whole);
        }
        let middle = i64::midpoint(self.from.0, self.to.0);
        let width = Self::LEAST.min(whole.width());
        Self::of(UnixMillis(middle - width / 2), width).within(whole)
    }

    fn of(from: UnixMillis, width: i64) -> Self {
        Self { from, to: UnixMillis(from.0.saturating_add(width)) }
    }

    /// Pushed back where it reaches beyond `whole`, and cut where it is wider.
    fn within(self, whole: Self) -> Self {
        let width = self.width().min(whole.width());
        let latest = whole.to.0 - width;
        Self::of(UnixMillis(self.from.0.clamp(whole.from.0, latest.max(whole.from.0))), width)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(from: i64, to: i64) -> Span {
        Span { from: UnixMillis(from), to: UnixMillis(to) }
    }

    const WHOLE: Span = Span { from: UnixMillis(0), to: UnixMillis(1_000_000) };

    #[test]
    fn zooming_keeps_the_moment_it_is_about_where_it_is() {
        let half = WHOLE.scaled(0.5, UnixMillis(250_000), WHOLE);
        assert_eq!(half, span(125_000, 625_000));
        assert_eq!(half.across(UnixMillis(250_000)), 0.25);
        assert_eq!(half.scaled(2.0, UnixMillis(250_000), WHOLE), WHOLE);
        let edge = WHOLE.scaled(0.5, UnixMillis(1_000_000), WHOLE);
        assert_eq!(edge, span(500_000, 1_000_000));
    }

    #[test]
    fn it_never_leaves_what_there_is_nor_becomes_narrower_than_can_be_read() {
        let right = span(600_000, 800_000);
        assert_eq!(right.moved(0.5, WHOLE), span(700_000, 900_000));
        assert_eq!(right.moved(9.0, WHOLE), span(800_000, 1_000_000));
        assert_eq!(right.moved(-9.0, WHOLE), span(0, 200_000));
        assert_eq!(right.scaled(100.0, UnixMillis(700_000), WHOLE), WHOLE);
        assert_eq!(WHOLE.scaled(0.000_1, UnixMillis(500_000), WHOLE).width(), Span::LEAST);
        let short = span(0, 10_000);
        assert_eq!(short.scaled(0.5, UnixMillis(0), short), short);
    }

    #[test]
    fn what_was_marked_is_what_is_shown_whichever_way_it_was_drawn() {
        let marked = Span::between(UnixMillis(400_000), UnixMillis(300_000));
        assert_eq!(marked.marked(WHOLE), span(300_000, 400_000));
        let narrow = Span::between(UnixMillis(500_000), UnixMillis(500_100)).marked(WHOLE);
        assert_eq!(narrow.width(), Span::LEAST);
        assert!(narrow.contains(UnixMillis(500_050)));
        assert_eq!(span(-50, 100_000).marked(WHOLE), span(0, 100_050));
    }

    #[test]
    fn places_and_moments_are_each_others_inverse() {
        let part = span(200_000, 300_000);
        assert_eq!(part.at(0.25), UnixMillis(225_000));
        assert_eq!(part.across(UnixMillis(225_000)), 0.25);
        assert_eq!(part.at(7.0), part.to);
    }
}
