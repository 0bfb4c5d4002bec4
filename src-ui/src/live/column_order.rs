//! In which order the table has its columns.

use smol_str::SmolStr;

use super::Column;

/// Each column once; those that cannot be moved are the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ColumnOrder([Column; Column::ALL.len()]);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Left,
    Right,
}

impl Default for ColumnOrder {
    fn default() -> Self {
        Self(Column::ALL)
    }
}

impl ColumnOrder {
    /// As it was kept. A name that is not known is left out; a column that is not named stands behind the one it follows
    /// at first.
    pub(crate) fn of(kept: &[SmolStr]) -> Self {
        let mut order: Vec<_> =
            Column::ALL.into_iter().filter(|column| !column.can_move()).collect();
        for column in kept.iter().filter_map(|name| Column::named(name)) {
            if !order.contains(&column) {
                order.push(column);
            }
        }
        let mut before = None;
        for column in Column::ALL {
            if !order.contains(&column) {
                let place = order.iter().position(|known| Some(*known) == before);
                order.insert(place.map_or(0, |place| place + 1), column);
            }
            before = Some(column);
        }
        <[Column; Column::ALL.len()]>::try_from(order).map_or_else(|_| Self::default(), Self)
    }

    /// To be kept: nothing where it is the order there is at first, so that it follows that one.
    pub(crate) fn names(self) -> Vec<SmolStr> {
        if self == Self::default() {
            return Vec::new();
        }
        self.iter().filter(|column| column.can_move()).map(|column| column.name().into()).collect()
    }

    pub(crate) fn iter(self) -> impl DoubleEndedIterator<Item = Column> {
        self.0.into_iter()
    }

    /// From 0.
    pub(crate) fn place(self, column: Column) -> usize {
        self.iter().position(|known| known == column).unwrap_or_default()
    }

    /// With this column at that side of another one; as it was, where either of them cannot be moved.
    pub(crate) fn beside(self, column: Column, neighbour: Column, side: Side) -> Self {
        if column == neighbour || !column.can_move() || !neighbour.can_move() {
            return self;
        }
        let mut order = self.0;
        let (from, to) = (self.place(column), self.place(neighbour));
        if from < to {
            let to = if side == Side::Left { to - 1 } else { to };
            order[from..=to].rotate_left(1);
        } else {
            let to = if side == Side::Left { to } else { to + 1 };
            order[to..=from].rotate_right(1);
        }
        Self(order)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(names: &str) -> ColumnOrder {
        ColumnOrder::of(&names.split_whitespace().map(SmolStr::from).collect::<Vec<_>>())
    }

    fn listed(order: ColumnOrder) -> String {
        order.iter().map(Column::name).collect::<Vec<_>>().join(" ")
    }

    const USUAL: &str = "level vault room hf ltv price debt cure trend chain age";

    #[test]
    fn what_was_kept_comes_back_and_the_usual_order_is_not_kept() {
        assert_eq!(listed(of("")), USUAL);
        assert_eq!(of(USUAL).names(), Vec::<SmolStr>::new());
        let order = of("age chain trend cure debt price ltv hf room");
        assert_eq!(listed(order), "level vault age chain trend cure debt price ltv hf room");
        assert_eq!(ColumnOrder::of(&order.names()), order);
        assert_eq!(order.names().len(), 9, "which ones come first is not a choice");
    }

    #[test]
    fn an_unknown_name_is_ignored_and_a_new_column_has_its_usual_neighbour() {
        assert_eq!(listed(of("moon moon debt debt")), listed(of("debt")));
        // Kept when there was neither a cure nor a price.
        assert_eq!(
            listed(of("age debt room hf ltv trend chain")),
            "level vault age debt cure room hf ltv price trend chain"
        );
        // Without its usual neighbours it is one of the first.
        assert_eq!(
            listed(of("age chain")),
            "level vault room hf ltv price debt cure trend age chain"
        );
    }

    #[test]
    fn the_first_columns_stay_the_first_whatever_was_kept() {
        assert_eq!(listed(of("debt vault level")), listed(of("debt")));
        let usual = ColumnOrder::default();
        assert_eq!(usual.beside(Column::Vault, Column::Age, Side::Right), usual);
        assert_eq!(usual.beside(Column::Age, Column::Vault, Side::Left), usual);
        assert_eq!(usual.beside(Column::Age, Column::Level, Side::Right), usual);
    }

    #[test]
    fn a_column_is_put_at_either_side_of_another() {
        let usual = ColumnOrder::default();
        for (column, neighbour, side, expected) in [
            (Column::Age, Column::Room, Side::Left, "age room hf ltv price debt cure trend chain"),
            (Column::Age, Column::Room, Side::Right, "room age hf ltv price debt cure trend chain"),
            (Column::Room, Column::Age, Side::Left, "hf ltv price debt cure trend chain room age"),
            (Column::Room, Column::Age, Side::Right, "hf ltv price debt cure trend chain age room"),
            (
                Column::Debt,
                Column::Cure,
                Side::Right,
                "room hf ltv price cure debt trend chain age",
            ),
            (Column::Debt, Column::Cure, Side::Left, "room hf ltv price debt cure trend chain age"),
            (Column::Debt, Column::Debt, Side::Left, "room hf ltv price debt cure trend chain age"),
        ] {
            let order = usual.beside(column, neighbour, side);
            assert_eq!(listed(order), format!("level vault {expected}"), "{column:?} {side:?}");
            assert_eq!(of(&order.names().join(" ")), order);
        }
    }
}
