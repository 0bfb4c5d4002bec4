use domain::solvency::Solvency;
use domain::{Percent, UnixMillis, Usd};
use serde::{Deserialize, Serialize};

/// How a vault fared while its alert was open.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Course {
    pub(super) first_room: Option<Percent>,
    pub(super) lowest_room: Option<Percent>,
    pub(super) worst_ltv: Option<Percent>,
    /// The price of the only collateral when it began.
    pub(super) first_price: Option<Usd>,
    pub(super) began: UnixMillis,
}

impl Course {
    #[must_use]
    pub fn start(solvency: &Solvency, now: UnixMillis) -> Self {
        Self {
            first_room: solvency.room,
            lowest_room: solvency.room,
            worst_ltv: solvency.ltv,
            first_price: solvency.price,
            began: now,
        }
    }

    pub fn note(&mut self, solvency: &Solvency) {
        self.first_price = self.first_price.or(solvency.price);
        self.look(solvency.room, solvency.ltv);
    }

    /// Notes figures in passing.
    pub(crate) fn look(&mut self, room: Option<Percent>, ltv: Option<Percent>) {
        self.first_room = self.first_room.or(room);
        self.lowest_room = least(self.lowest_room, room);
        self.worst_ltv = self.worst_ltv.max(ltv);
    }
}

fn least(a: Option<Percent>, b: Option<Percent>) -> Option<Percent> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (known, None) | (None, known) => known,
    }
}
