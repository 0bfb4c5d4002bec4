//! Which of the table's lines are in view: only those are on the page.

use std::ops::Range;

use crate::live::Line;

/// Heights in CSS pixels, the same ones the style sheet gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Heights {
    pub(crate) row: u32,
    pub(crate) header: u32,
}

impl Heights {
    /// One line per vault.
    pub(crate) const DENSE: Self = Self { row: 32, header: 26 };
    /// One line, tall enough for a finger.
    pub(crate) const TOUCH: Self = Self { row: 44, header: 36 };
    /// Two lines per vault.
    pub(crate) const NARROW: Self = Self { row: 52, header: 30 };

    fn of(self, line: &Line) -> u32 {
        match line {
            Line::Header { .. } => self.header,
            Line::Vault(_) => self.row,
        }
    }
}

/// Where each line begins, and where the last one ends.
pub(crate) fn offsets(lines: &[Line], heights: Heights) -> Vec<u32> {
    let mut end = 0;
    let mut offsets = Vec::with_capacity(lines.len() + 1);
    offsets.push(0);
    for line in lines {
        end += heights.of(line);
        offsets.push(end);
    }
    offsets
}

/// Lines above and below the view that are there already when they scroll in. Also the step in which the slice
/// moves, so that scrolling by a pixel renders nothing.
const SPARE: usize = 8;

/// The lines to have on the page for a view of `height` pixels that begins at `top`.
pub(crate) fn slice(offsets: &[u32], top: u32, height: u32) -> Range<usize> {
    let count = offsets.len() - 1;
    let first = offsets.partition_point(|start| *start <= top).saturating_sub(1);
    let last = offsets.partition_point(|start| *start < top.saturating_add(height));
    let first = first.saturating_sub(SPARE) / SPARE * SPARE;
    let last = (last + SPARE).div_ceil(SPARE) * SPARE;
    first.min(count)..last.min(count)
}

/// Where to scroll to so that a line is whole in view below the sticky head, or `None` if it is.
pub(crate) fn scroll_to(line: Range<u32>, top: u32, height: u32) -> Option<u32> {
    if line.start < top {
        Some(line.start)
    } else if line.end > top + height {
        Some(line.end - height)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::{Fold, Section};
    use domain::VaultId;

    fn lines(vaults: usize) -> Vec<Line> {
        let mut lines =
            vec![Line::Header { section: Section::Low, count: vaults, fold: Fold::Open }];
        lines.extend((0..vaults).map(|n| Line::Vault(VaultId::new(&format!("V{n}")).unwrap())));
        lines
    }

    #[test]
    fn the_slice_covers_the_view_and_little_more() {
        let offsets = offsets(&lines(10_000), Heights::DENSE);
        assert_eq!(offsets.last(), Some(&(26 + 320_000)));
        for top in [0, 1, 25, 26, 5_000, 123_456, 319_000, 400_000] {
            let slice = slice(&offsets, top, 700);
            assert!(slice.len() <= 700 / 32 + 4 * SPARE, "{top}: {slice:?}");
            if top < 320_026 {
                assert!(offsets[slice.start] <= top);
                assert!(offsets[slice.end] >= (top + 700).min(320_026));
            }
        }
    }

    #[test]
    fn a_small_scroll_keeps_the_slice() {
        let offsets = offsets(&lines(500), Heights::DENSE);
        assert_eq!(slice(&offsets, 3_300, 700), slice(&offsets, 3_310, 700));
    }

    #[test]
    fn nothing_to_show_is_an_empty_slice() {
        assert_eq!(slice(&offsets(&[], Heights::DENSE), 0, 700), 0..0);
    }

    #[test]
    fn a_line_out_of_view_is_scrolled_to_its_nearer_edge() {
        assert_eq!(scroll_to(100..132, 0, 700), None);
        assert_eq!(scroll_to(100..132, 110, 700), Some(100));
        assert_eq!(scroll_to(690..722, 0, 700), Some(22));
    }
}
