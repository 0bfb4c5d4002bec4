//! Room and health factor as LTV and limit imply them. Where that is what was recorded, only LTV and limit are stored.

use domain::sample::Figure;

use super::point::{Point, Spread};

/// The unit of percentages and health factors in a sample: the sixth place.
const ONE: i128 = 1_000_000;

/// What `figure` must have been, if it follows from LTV and limit; `None` where it cannot be told, or for a figure that
/// never follows.
pub(super) fn of(figure: Figure, point: &Point) -> Option<Spread<i64>> {
    let ltv = point.readings(Figure::Ltv)?;
    let limit = point.readings(Figure::Limit)?;
    if limit.min != limit.max || limit.last <= 0 || ltv.min < 0 {
        return None;
    }
    let limit = i128::from(limit.last);
    let value = |ltv: i64| {
        let ltv = i128::from(ltv);
        let value = match figure {
            Figure::Room => (limit - ltv).max(0) * 100 * ONE / limit,
            Figure::Health if ltv > 0 => limit * ONE / ltv,
            _ => return None,
        };
        i64::try_from(value).ok()
    };
    // Both fall as the LTV rises.
    Some(Spread { min: value(ltv.max)?, max: value(ltv.min)?, last: value(ltv.last)? })
}

#[cfg(test)]
mod tests {
    use domain::sample::Sample;
    use domain::vault::VaultPatch;
    use domain::{Vault, VaultId};
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Otherwise it would be stored all the same, at three times the size.
        #[test]
        fn it_is_what_the_formulas_say(ltv in 1u32..20_000, limit in 1u32..10_000) {
            let mut vault = Vault::unknown(VaultId::new("V").unwrap());
            let patch = serde_json::json!({
                "ltv": format!("{}.{:02}", ltv / 100, ltv % 100),
                "liquidationThreshold": format!("{}.{:02}", limit / 100, limit % 100),
            });
            vault.apply(serde_json::from_str::<VaultPatch>(&patch.to_string()).unwrap());
            let mut point = Point::default();
            point.add(&Sample::of(&vault));
            for figure in [Figure::Room, Figure::Health] {
                prop_assert_eq!(of(figure, &point), point.readings(figure), "{:?}", figure);
            }
        }
    }
}
