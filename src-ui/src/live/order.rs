//! Which lines the table has, and in which order.

use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeSet, HashMap};

use domain::solvency::Health;
use domain::view::VaultRow;
use domain::{Usd, VaultId};
use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive;

use super::board::Entry;
use super::view::{Direction, Fold, Sort};
use super::{Column, Section, View};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    Header { section: Section, count: usize, fold: Fold },
    Vault(VaultId),
}

/// The lines that this view has of these vaults: in sections by room and debt, or in one list by columns.
pub(crate) fn arrange<'a>(vaults: impl Iterator<Item = &'a Entry>, view: &View) -> Vec<Line> {
    let shown = vaults.filter(|entry| view.matches(&entry.row));
    if view.sort.is_empty() { in_sections(shown, view) } else { by_columns(shown, &view.sort) }
}

/// The number of vaults among the lines, those under folded headers included.
pub(crate) fn vault_count(lines: &[Line]) -> usize {
    let headers = || {
        lines.iter().filter_map(|line| match line {
            Line::Header { count, .. } => Some(*count),
            Line::Vault(_) => None,
        })
    };
    if headers().next().is_some() { headers().sum() } else { lines.len() }
}

fn in_sections<'a>(vaults: impl Iterator<Item = &'a Entry>, view: &View) -> Vec<Line> {
    let mut keyed: Vec<_> = vaults
        .map(|entry| {
            let row = &*entry.row;
            (Section::of(row), rank(row))
        })
        .collect();
    keyed.sort_unstable();
    let mut lines = Vec::with_capacity(keyed.len() + Section::ALL.len());
    for of_section in keyed.chunk_by(|a, b| a.0 == b.0) {
        let section = of_section[0].0;
        let fold = if section == Section::Low { view.low } else { Fold::Open };
        lines.push(Line::Header { section, count: of_section.len(), fold });
        if fold == Fold::Open {
            lines.extend(of_section.iter().map(|(_, (_, _, id))| Line::Vault((*id).clone())));
        }
    }
    lines
}

/// What decides inside a section, the first one first.
type Rank<'a> = (Decimal, Reverse<Usd>, &'a VaultId);

fn rank(row: &VaultRow) -> Rank<'_> {
    let room = row.room.map_or(Decimal::MAX, |room| room.0);
    (room, Reverse(row.debt.unwrap_or(Usd::ZERO)), &row.id)
}

/// The lines with those of `worse` that are at risk put where they belong by now; all others stay where they stand, so
/// that nothing is sorted and little moves. `None` where that is not enough: columns decide, or one of them stood in no line.
pub(crate) fn lifted<'a>(
    lines: &[Line],
    worse: &BTreeSet<VaultId>,
    entry: impl Fn(&VaultId) -> Option<&'a Entry>,
    view: &View,
) -> Option<Vec<Line>> {
    if !view.sort.is_empty() {
        return None;
    }
    // Some may have recovered since.
    let rows: HashMap<_, _> = worse
        .iter()
        .filter_map(|id| Some((id, &*entry(id)?.row)))
        .filter(|(_, row)| Section::of(row).is_at_risk())
        .collect();
    let mut stood = 0;
    let mut header = None;
    let mut left = Vec::with_capacity(lines.len() + Section::ALL.len());
    for line in lines {
        match line {
            // The set first: most are not in it, and it is quicker asked.
            Line::Vault(id) if worse.contains(id) && rows.contains_key(id) => {
                stood += usize::from(view.matches(rows[id]));
                if let Some(Line::Header { count, .. }) = header.and_then(|at| left.get_mut(at)) {
                    *count -= 1;
                }
                continue;
            }
            Line::Vault(_) => {}
            Line::Header { .. } => header = Some(left.len()),
        }
        left.push(line.clone());
    }
    left.retain(|line| !matches!(line, Line::Header { count: 0, .. }));
    let shown = || rows.values().filter(|row| view.matches(row));
    if stood < shown().count() {
        return None;
    }
    for row in shown() {
        insert(&mut left, row, &entry);
    }
    Some(left)
}

/// Puts a vault under the header of its section, which comes with it where there is none.
fn insert<'a>(
    lines: &mut Vec<Line>,
    row: &VaultRow,
    entry: &impl Fn(&VaultId) -> Option<&'a Entry>,
) {
    let section = Section::of(row);
    let comes_after =
        |line: &Line| matches!(line, Line::Header { section: there, .. } if *there >= section);
    let header = lines.iter().position(comes_after).unwrap_or(lines.len());
    match lines.get_mut(header) {
        Some(Line::Header { section: there, count, .. }) if *there == section => *count += 1,
        _ => lines.insert(header, Line::Header { section, count: 1, fold: Fold::Open }),
    }
    let own = rank(row);
    let is_before = |line: &Line| match line {
        Line::Vault(id) => entry(id).is_some_and(|other| rank(&other.row) < own),
        Line::Header { .. } => false,
    };
    let begin = header + 1;
    let place = lines[begin..].iter().position(|line| !is_before(line));
    lines.insert(place.map_or(lines.len(), |place| begin + place), Line::Vault(row.id.clone()));
}

fn by_columns<'a>(vaults: impl Iterator<Item = &'a Entry>, sorts: &[Sort]) -> Vec<Line> {
    let keys = |entry| sorts.iter().map(|sort| key(sort.column, entry)).collect::<Vec<_>>();
    let mut keyed: Vec<_> = vaults.map(|entry| (keys(entry), &entry.row.id)).collect();
    keyed.sort_unstable_by(|(a, a_id), (b, b_id)| {
        let pairs = sorts.iter().zip(a.iter().zip(b));
        let by_key = pairs
            .map(|(sort, (a, b))| compare(a.as_ref(), b.as_ref(), sort.direction))
            .find(|order| *order != Ordering::Equal)
            .unwrap_or(Ordering::Equal);
        by_key.then_with(|| a_id.cmp(b_id))
    });
    keyed.into_iter().map(|(_, id)| Line::Vault(id.clone())).collect()
}

/// What is not known stands last in either direction.
fn compare(a: Option<&Key>, b: Option<&Key>, direction: Direction) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) => match direction {
            Direction::Ascending => a.cmp(b),
            Direction::Descending => b.cmp(a),
        },
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    }
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Section(Section),
    Number(Decimal),
    Text(String),
}

fn key(column: Column, entry: &Entry) -> Option<Key> {
    let row = &*entry.row;
    let number = |decimal: Option<Decimal>| decimal.map(Key::Number);
    match column {
        Column::Level => Some(Key::Section(Section::of(row))),
        Column::Vault => Some(Key::Text(row.id.as_str().to_lowercase())),
        Column::Room => number(row.room.map(|room| room.0)),
        Column::Health => number(match row.health {
            Health::Unknown => None,
            Health::NoDebt => Some(Decimal::MAX),
            Health::Factor(factor) => Some(factor.0),
        }),
        Column::Ltv => number(row.ltv.map(|ltv| ltv.0)),
        Column::LiquidationPrice => number(row.liquidation_price.map(|price| price.0)),
        Column::Debt => number(row.debt.map(|debt| debt.0)),
        Column::Cure => number(row.cure.map(|cure| cure.0)),
        Column::Trend => number(entry.trend.change().and_then(Decimal::from_f64)),
        Column::Chain => row.chain_id.map(|chain| Key::Text(chain.name().into_owned())),
        // Descending: the oldest value first.
        Column::Age => Some(Key::Number(-Decimal::from(row.received.0))),
    }
}

/// How many vaults would have to be picked up to get from one order to the other, new ones included.
///
/// One vault that jumps to the top counts once, although every line below it shifts: what is counted is what
/// lies outside the longest run that keeps its order. One that comes to stand under another header is picked up even where
/// its neighbours stay the same.
pub(crate) fn moved(from: &[Line], to: &[Line]) -> usize {
    let (from, to) = (placed(from), placed(to));
    let places: HashMap<_, _> =
        from.iter().enumerate().map(|(place, (id, section))| (*id, (place, *section))).collect();
    // Patience: the last place of the best increasing run of each length.
    let mut ends: Vec<usize> = Vec::new();
    for (id, section) in &to {
        let Some((place, _)) = places.get(id).filter(|(_, before)| before == section) else {
            continue;
        };
        let length = ends.partition_point(|end| end < place);
        if length == ends.len() {
            ends.push(*place);
        } else {
            ends[length] = *place;
        }
    }
    to.len() - ends.len()
}

/// The vaults of the lines, each with the section it stands in; without one where columns decide.
fn placed(lines: &[Line]) -> Vec<(&VaultId, Option<Section>)> {
    let mut under = None;
    let mut placed = Vec::with_capacity(lines.len());
    for line in lines {
        match line {
            Line::Header { section, .. } => under = Some(*section),
            Line::Vault(id) => placed.push((id, under)),
        }
    }
    placed
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;
    use crate::live::fixture::{Row, row};

    fn entries(rows: &[Row]) -> Vec<Entry> {
        rows.iter().map(|row| Entry { row: Rc::new(row.0.clone()), trend: Rc::default() }).collect()
    }

    /// `#Critical 2` for a header, the id for a vault.
    fn told(line: &Line) -> String {
        match line {
            Line::Header { section, count, .. } => format!("#{} {count}", section.word()),
            Line::Vault(id) => id.to_string(),
        }
    }

    fn shown(rows: &[Row], view: &View) -> Vec<String> {
        arrange(entries(rows).iter(), view).iter().map(told).collect()
    }

    #[test]
    fn sections_stand_worst_first_and_inside_room_decides_then_debt() {
        let rows = [
            row("L").low("40"),
            row("C2").critical("7.9"),
            row("U"),
            row("S").critical("1").stale(),
            row("C1").critical("6.5"),
            row("H-small").high("12").debt("10"),
            row("H-large").high("12").debt("900"),
        ];
        assert_eq!(
            shown(&rows, &View::default()),
            [
                "#Critical 2",
                "C1",
                "C2",
                "#High 2",
                "H-large",
                "H-small",
                "#Stale 1",
                "S",
                "#Low 1",
                "L",
                "#Unknown 1",
                "U",
            ]
        );
    }

    #[test]
    fn a_folded_low_section_keeps_its_header_and_count() {
        let rows = [row("A").low("40"), row("B").low("50"), row("C").critical("1")];
        let view = View { low: Fold::Folded, ..View::default() };
        assert_eq!(shown(&rows, &view), ["#Critical 1", "C", "#Low 2"]);
        assert_eq!(vault_count(&arrange(entries(&rows).iter(), &view)), 3);
    }

    #[test]
    fn a_column_sorts_across_sections_and_unknown_values_stand_last_either_way() {
        let rows = [row("A").debt("5"), row("B"), row("C").debt("900"), row("D").debt("70")];
        let mut view = View::default();
        view.sort_by(Column::Debt);
        assert_eq!(shown(&rows, &view), ["C", "D", "A", "B"]);
        view.sort_by(Column::Debt);
        assert_eq!(shown(&rows, &view), ["A", "D", "C", "B"]);
    }

    #[test]
    fn where_the_first_column_is_equal_the_second_decides() {
        let rows = [
            row("A").chain(1).debt("5"),
            row("B").chain(137).debt("7"),
            row("C").chain(1).debt("900"),
            row("D").chain(137),
        ];
        let mut view = View::default();
        view.sort_by(Column::Chain);
        view.sort_also_by(Column::Debt);
        // Ethereum before Polygon, in each the greatest debt first and the unknown one last.
        assert_eq!(shown(&rows, &view), ["C", "A", "B", "D"]);
    }

    #[test]
    fn every_column_sorts_without_losing_a_row() {
        let rows = [row("A").critical("3").chain(1), row("B").low("30"), row("C")];
        for column in Column::ALL {
            let mut view = View::default();
            view.sort_by(column);
            assert_eq!(shown(&rows, &view).len(), 3, "{column:?}");
        }
    }

    #[test]
    fn no_debt_is_the_best_health_and_the_oldest_age_comes_first() {
        let mut safe = row("safe");
        safe.0.health = Health::NoDebt;
        let mut risky = row("risky");
        risky.0.health = Health::Factor("1.05".parse().unwrap());
        risky.0.received = domain::UnixMillis(10);
        let rows = [safe, risky];
        let mut view = View::default();
        view.sort_by(Column::Health);
        assert_eq!(shown(&rows, &view), ["risky", "safe"]);
        view.sort_by(Column::Age);
        assert_eq!(shown(&rows, &view), ["safe", "risky"]);
    }

    #[test]
    fn a_jump_to_the_top_counts_once() {
        let lines = |ids: &[&str]| -> Vec<_> {
            ids.iter().map(|id| Line::Vault(VaultId::new(id).unwrap())).collect()
        };
        let from = lines(&["A", "B", "C", "D"]);
        assert_eq!(moved(&from, &from), 0);
        assert_eq!(moved(&from, &lines(&["D", "A", "B", "C"])), 1);
        assert_eq!(moved(&from, &lines(&["B", "A", "D", "C"])), 2);
        assert_eq!(moved(&from, &lines(&["A", "N", "B", "C", "D"])), 1);
        assert_eq!(moved(&from, &lines(&["D", "C", "B", "A"])), 3);
    }

    /// The lines after these rows have become others, where only those that became worse are put where they belong.
    fn after(before: &[Row], after: &[Row], worse: &[&str], view: &View) -> Option<Vec<String>> {
        let all = entries(after);
        let entry = |id: &VaultId| all.iter().find(|entry| entry.row.id == *id);
        let worse = worse.iter().map(|id| VaultId::new(id).unwrap()).collect();
        let lines = lifted(&arrange(entries(before).iter(), view), &worse, entry, view)?;
        Some(lines.iter().map(told).collect())
    }

    #[test]
    fn what_became_worse_is_put_in_its_place_and_all_others_stay() {
        let before = [
            row("C1").critical("3"),
            row("C2").critical("6"),
            row("M").low("30"),
            row("L1").low("40"),
            row("L2").low("50"),
        ];
        let later = [
            row("C1").critical("6.5"),
            row("C2").critical("6"),
            row("M").critical("5"),
            row("L1").low("60"),
            row("L2").high("12"),
        ];
        // C1 and L1 are not where they would be in a new order: nobody looks for them elsewhere yet.
        assert_eq!(
            after(&before, &later, &["M", "L2"], &View::default()).unwrap(),
            ["#Critical 3", "M", "C1", "C2", "#High 1", "L2", "#Low 1", "L1"]
        );
        // One that has recovered meanwhile stays where it is.
        assert_eq!(
            after(&before, &before, &["M"], &View::default()).unwrap(),
            ["#Critical 2", "C1", "C2", "#Low 3", "M", "L1", "L2"]
        );
    }

    #[test]
    fn a_section_that_is_left_by_its_last_vault_goes_and_one_that_is_filtered_away_is_not_missed() {
        let before = [row("A").high("9").chain(1), row("B").high("9").chain(137)];
        let later = [row("A").critical("7").chain(1), row("B").critical("7").chain(137)];
        let worse = ["A", "B"];
        assert_eq!(
            after(&before, &later, &worse, &View::default()).unwrap(),
            ["#Critical 2", "A", "B"]
        );
        let mut view = View::default();
        view.toggle_chain(domain::ChainId(1));
        assert_eq!(after(&before, &later, &worse, &view).unwrap(), ["#Critical 1", "A"]);
        let high = View { levels: super::super::Levels::Only(Section::High), ..View::default() };
        assert!(after(&before, &later, &worse, &high).unwrap().is_empty());
    }

    #[test]
    fn what_stood_in_no_line_or_among_columns_takes_a_new_order() {
        let (before, later) = ([row("A").low("40")], [row("A").critical("7")]);
        let folded = View { low: Fold::Folded, ..View::default() };
        assert_eq!(after(&before, &later, &["A"], &folded), None);
        let mut by_debt = View::default();
        by_debt.sort_by(Column::Debt);
        assert_eq!(after(&before, &later, &["A"], &by_debt), None);
    }

    #[test]
    fn under_another_header_is_moved_although_the_neighbours_stay_the_same() {
        let before = [row("A").critical("3"), row("B").high("9"), row("C").high("12")];
        let after = [row("A").critical("3"), row("B").critical("7"), row("C").high("12")];
        let lines = |rows: &[Row]| arrange(entries(rows).iter(), &View::default());
        assert_eq!(moved(&lines(&before), &lines(&before)), 0);
        assert_eq!(moved(&lines(&before), &lines(&after)), 1);
    }
}
