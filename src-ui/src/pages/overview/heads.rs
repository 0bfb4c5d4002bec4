//! Where the heads of the columns are seen, and where a column comes to stand because of that.

use wasm_bindgen::JsCast;
use web_sys::{Document, Element, HtmlElement};

use super::TABLE_ID;
use crate::live::{Column, Side};

/// A head as it is seen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Head {
    column: Column,
    /// From the window's left edge, in CSS pixels.
    middle: f64,
}

/// Where a column comes to stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Landing {
    pub(super) neighbour: Column,
    pub(super) side: Side,
}

/// Where a column that is pulled to `x` would come to stand; `None` where it stands already. `heads` are those between which
/// it may.
pub(super) fn landing(heads: &[Head], column: Column, x: f64) -> Option<Landing> {
    let own = heads.iter().position(|head| head.column == column)?;
    let gap = heads.iter().filter(|head| head.middle < x).count();
    if gap == own || gap == own + 1 {
        return None;
    }
    Some(match heads.get(gap) {
        Some(head) => Landing { neighbour: head.column, side: Side::Left },
        None => Landing { neighbour: heads[gap - 1].column, side: Side::Right },
    })
}

/// One place on.
pub(super) fn next(heads: &[Head], column: Column, side: Side) -> Option<Landing> {
    let own = heads.iter().position(|head| head.column == column)?;
    let place = match side {
        Side::Left => own.checked_sub(1)?,
        Side::Right => own + 1,
    };
    Some(Landing { neighbour: heads.get(place)?.column, side })
}

/// The heads that are seen and can be moved, from the left; none where the rows have two lines, whose places are fixed.
pub(super) fn shown_heads() -> Vec<Head> {
    let is_seen = |head: &Element| head.get_bounding_client_rect().width() > 0.0;
    let mut next = head_of(Column::Level).filter(is_seen);
    let mut heads = Vec::new();
    while let Some(head) = next {
        next = head.next_element_sibling();
        let column = head.get_attribute("data-column").and_then(|name| Column::named(&name));
        if let Some(column) = column.filter(|column| column.can_move() && is_seen(&head)) {
            let rect = head.get_bounding_client_rect();
            heads.push(Head { column, middle: rect.left() + rect.width() / 2.0 });
        }
    }
    heads
}

/// The head of this column gets the focus.
pub(super) fn focus(column: Column) {
    let button = head_of(column).and_then(|head| head.query_selector("button").ok().flatten());
    if let Some(button) = button.and_then(|button| button.dyn_into::<HtmlElement>().ok()) {
        // Refuses only what cannot be focused.
        drop(button.focus());
    }
}

/// Where a menu of this head is to be, in the window.
pub(super) fn below(column: Column) -> Option<(i32, i32)> {
    let rect = head_of(column)?.get_bounding_client_rect();
    Some((rect.left() as i32, rect.bottom() as i32))
}

fn head_of(column: Column) -> Option<Element> {
    let table = document()?.get_element_by_id(TABLE_ID)?;
    table.query_selector(&format!(".heads > [data-column={}]", column.name())).ok()?
}

fn document() -> Option<Document> {
    web_sys::window().and_then(|window| window.document())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of 100 pixels each.
    fn heads() -> Vec<Head> {
        let columns = [Column::Room, Column::Ltv, Column::Debt, Column::Age];
        let at = |(index, column): (i32, Column)| Head {
            column,
            middle: 50.0 + 100.0 * f64::from(index),
        };
        (0..).zip(columns).map(at).collect()
    }

    #[test]
    fn a_column_lands_between_the_heads_that_the_pointer_is_between() {
        let of = |column, x| landing(&heads(), column, x).map(|at| (at.neighbour, at.side));
        assert_eq!(of(Column::Debt, -40.0), Some((Column::Room, Side::Left)));
        assert_eq!(of(Column::Debt, 60.0), Some((Column::Ltv, Side::Left)));
        // Around where it is nothing would change.
        for x in [151.0, 250.0, 349.0] {
            assert_eq!(of(Column::Debt, x), None);
        }
        assert_eq!(of(Column::Debt, 351.0), Some((Column::Age, Side::Right)));
        assert_eq!(of(Column::Room, 260.0), Some((Column::Age, Side::Left)));
        assert_eq!(of(Column::Age, 9_000.0), None);
        assert_eq!(of(Column::Cure, 60.0), None, "it is not among them");
    }

    #[test]
    fn one_place_on_is_past_the_head_that_is_seen_there() {
        let of = |column, side| next(&heads(), column, side).map(|at| at.neighbour);
        assert_eq!(of(Column::Ltv, Side::Left), Some(Column::Room));
        assert_eq!(of(Column::Ltv, Side::Right), Some(Column::Debt));
        assert_eq!(of(Column::Room, Side::Left), None);
        assert_eq!(of(Column::Age, Side::Right), None);
    }
}
