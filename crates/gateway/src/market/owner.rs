use super::dice::Dice;
use super::prices::Prices;
use super::vault::{Liquidation, Status, Vault};

/// Room, as a fraction, at which a vault is in danger, and at which its owner begins to look.
pub(super) const CRITICAL_ROOM: f64 = 0.08;
pub(super) const HIGH_ROOM: f64 = 0.15;

/// The person behind a vault: how much they dare and how soon they look.
#[derive(Clone, Debug)]
pub(super) struct Owner {
    pub(super) temper: Temper,
    /// The room they are at ease with, as a fraction.
    pub(super) ease: f64,
    /// Mean seconds until they react to danger.
    pub(super) patience: f64,
    /// Dollars they came with.
    pub(super) stake: f64,
    /// Seconds until they come back after a liquidation.
    pub(super) shaken: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Temper {
    /// Does nothing by itself, whatever happens.
    Absent,
    /// Holds collateral, owes nothing.
    Saver,
    /// Returns to the room they are at ease with.
    Steady,
    /// Now and then borrows up to the edge.
    Bold,
}

/// What came of an owner's second.
#[derive(Clone, Copy, Debug)]
pub(super) enum Outcome {
    Nothing,
    /// They repaid, borrowed, deposited or came back: worth telling at once.
    Acted,
    Liquidated(Liquidation),
}

impl Owner {
    pub(super) fn shaken_for(&mut self, seconds: f64) {
        self.shaken = seconds;
    }
}

/// One second in the life of a vault and its owner. `daring`: mean seconds until a bold one overreaches.
pub(super) fn live(
    vault: &mut Vault,
    prices: &Prices,
    daring: Option<f64>,
    dice: &mut Dice,
) -> Outcome {
    if vault.status == Status::Liquidated {
        if vault.owner.temper == Temper::Absent {
            return Outcome::Nothing;
        }
        vault.owner.shaken -= 1.0;
        if vault.owner.shaken > 0.0 {
            return Outcome::Nothing;
        }
        return come_back(vault, prices, dice);
    }
    let room = vault.figures(prices).room;
    if vault.borrowed == 0.0 {
        return Outcome::Nothing;
    }
    if room <= 0.0 {
        // Liquidators race; it takes them a few seconds.
        if dice.chance(0.25) {
            return Outcome::Liquidated(vault.liquidate(prices, dice));
        }
        return Outcome::Nothing;
    }
    if vault.owner.temper == Temper::Absent {
        return Outcome::Nothing;
    }
    let patience = vault.owner.patience;
    let uneasy = room < HIGH_ROOM && room < vault.owner.ease - 0.02;
    if room < CRITICAL_ROOM && dice.within(1.0, patience)
        || uneasy && dice.within(1.0, 6.0 * patience)
    {
        cure(vault, prices, dice);
        return Outcome::Acted;
    }
    if vault.owner.temper == Temper::Bold
        && room > 0.1
        && daring.is_some_and(|mean| dice.within(1.0, mean))
    {
        vault.set_room_by_debt(dice.between(0.05, 0.072), prices);
        return Outcome::Acted;
    }
    if vault.owner.temper == Temper::Steady
        && room > vault.owner.ease + 0.1
        && dice.within(1.0, 1_200.0)
    {
        vault.set_room_by_debt(vault.owner.ease, prices);
        return Outcome::Acted;
    }
    Outcome::Nothing
}

fn cure(vault: &mut Vault, prices: &Prices, dice: &mut Dice) {
    let room = vault.owner.ease.max(0.16) + dice.between(0.0, 0.1);
    let affordable = vault.collateral_usd(prices) < 2.0 * vault.owner.stake;
    if affordable && dice.chance(0.3) {
        vault.set_room_by_collateral(room, prices);
    } else {
        vault.set_room_by_debt(room, prices);
    }
}

fn come_back(vault: &mut Vault, prices: &Prices, dice: &mut Dice) -> Outcome {
    vault.status = Status::Active;
    let worth = vault.collateral_usd(prices);
    if worth < 0.3 * vault.owner.stake {
        let stake = vault.owner.stake * dice.between(0.3, 0.6);
        vault.refill(stake, vault.owner.ease.max(0.2), prices);
    } else {
        vault.set_room_by_debt(vault.owner.ease.max(0.2), prices);
    }
    Outcome::Acted
}
