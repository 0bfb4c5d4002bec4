//! Thinning a series out to what a screen has columns for, without losing a spike.

use domain::UnixMillis;

/// What was seen of a figure from `at` for `span` milliseconds. Only drawn: figures that are told stay decimals.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Sample {
    pub(crate) at: UnixMillis,
    pub(crate) span: i64,
    pub(crate) min: f64,
    pub(crate) max: f64,
    pub(crate) last: f64,
}

impl Sample {
    fn end(&self) -> i64 {
        self.at.0.saturating_add(self.span)
    }
}

/// One column of the drawing: everything that was seen while it lasted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Column {
    /// When the last sample in it began.
    pub(crate) at: UnixMillis,
    pub(crate) min: f64,
    pub(crate) max: f64,
    pub(crate) last: f64,
}

/// A wait longer than this many times a sample's own span is a gap: nothing was seen, and nothing is drawn.
const GAP: i64 = 4;

/// The samples between `from` and `to` in order of time, as runs without a gap, each of at most `columns` columns all
/// together. Least, greatest and last value of what falls into one column are kept.
pub(crate) fn decimate(
    samples: &[Sample],
    from: UnixMillis,
    to: UnixMillis,
    columns: u32,
) -> Vec<Vec<Column>> {
    let width = to.0.saturating_sub(from.0).max(1);
    let columns = i64::from(columns.max(1));
    let place = |at: i64| (at - from.0).saturating_mul(columns) / width;
    let mut runs: Vec<Vec<Column>> = Vec::new();
    let mut before: Option<(&Sample, i64)> = None;
    for sample in samples.iter().filter(|sample| sample.at >= from && sample.at <= to) {
        let here = place(sample.at.0);
        let gap = before.is_none_or(|(before, _)| {
            sample.at.0.saturating_sub(before.end()) > GAP * before.span.max(sample.span)
        });
        let same_column = before.is_some_and(|(_, column)| column == here);
        match runs.last_mut().and_then(|run| run.last_mut()) {
            Some(column) if !gap && same_column => {
                column.min = column.min.min(sample.min);
                column.max = column.max.max(sample.max);
                column.last = sample.last;
                column.at = sample.at;
            }
            _ => {
                let Sample { at, min, max, last, .. } = *sample;
                let column = Column { at, min, max, last };
                match runs.last_mut() {
                    Some(run) if !gap => run.push(column),
                    _ => runs.push(vec![column]),
                }
            }
        }
        before = Some((sample, here));
    }
    runs
}

/// The column nearest to a moment.
pub(crate) fn nearest(runs: &[Vec<Column>], at: UnixMillis) -> Option<&Column> {
    runs.iter().flatten().min_by_key(|column| column.at.0.abs_diff(at.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(at: i64, value: f64) -> Sample {
        Sample { at: UnixMillis(at), span: 1_000, min: value, max: value, last: value }
    }

    #[test]
    fn a_hundred_thousand_points_become_a_screen_of_them_and_the_spike_is_there() {
        let mut samples: Vec<_> =
            (0..100_000).map(|n| sample(n * 1_000, 20.0 + (n % 7) as f64)).collect();
        samples[70_123].min = 0.4;
        let runs = decimate(&samples, UnixMillis(0), UnixMillis(100_000_000), 600);
        assert_eq!(runs.len(), 1);
        assert_eq!(runs[0].len(), 600);
        let deepest = runs[0].iter().map(|column| column.min).fold(f64::MAX, f64::min);
        assert_eq!(deepest, 0.4);
        assert_eq!(runs[0].last().unwrap().last, samples.last().unwrap().last);
    }

    #[test]
    fn a_gap_stays_a_gap() {
        let samples = [sample(0, 1.0), sample(1_000, 2.0), sample(60_000, 3.0)];
        let runs = decimate(&samples, UnixMillis(0), UnixMillis(60_000), 1_000);
        assert_eq!(runs.iter().map(Vec::len).collect::<Vec<_>>(), [2, 1]);
        let late = [sample(0, 1.0), sample(4_000, 2.0)];
        assert_eq!(decimate(&late, UnixMillis(0), UnixMillis(60_000), 1_000).len(), 1);
    }

    #[test]
    fn what_lies_outside_is_left_out_and_the_nearest_is_found() {
        let samples = [sample(0, 1.0), sample(10_000, 2.0), sample(20_000, 3.0)];
        let runs = decimate(&samples, UnixMillis(5_000), UnixMillis(15_000), 10);
        assert_eq!(runs.iter().flatten().count(), 1);
        let runs = decimate(&samples, UnixMillis(0), UnixMillis(20_000), 10);
        assert_eq!(nearest(&runs, UnixMillis(14_000)).unwrap().last, 2.0);
        assert_eq!(nearest(&[], UnixMillis(0)), None);
    }
}
