use smol_str::SmolStr;
use wire::UnixMillis;

use super::dice::Dice;
use super::opening::Deal;
use super::owner::Owner;
use super::prices::Prices;
use super::token::{Chain, Stable, Token};

/// A collateralised loan of the demo market. Amounts are kept at the digits that are reported, so that what a
/// reader computes from a message is what the market computed.
#[derive(Debug)]
pub(super) struct Vault {
    pub(super) id: SmolStr,
    pub(super) chain: Chain,
    pub(super) agent: u32,
    pub(super) created: UnixMillis,
    pub(super) status: Status,
    /// One or two tokens.
    pub(super) collateral: Vec<Leg>,
    pub(super) stable: Stable,
    pub(super) borrowed: f64,
    /// Percent.
    pub(super) max_ltv: f64,
    /// Percent.
    pub(super) threshold: f64,
    pub(super) owner: Owner,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Leg {
    pub(super) token: Token,
    pub(super) amount: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    Active,
    Liquidated,
}

impl Status {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Liquidated => "LIQUIDATED",
        }
    }
}

/// A vault's worth at one moment, rounded as it is reported.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Figures {
    /// Dollars of each leg.
    pub(super) collateral: Vec<f64>,
    /// Dollars.
    pub(super) debt: f64,
    /// Percent.
    pub(super) ltv: f64,
    /// None without debt.
    pub(super) health_factor: Option<f64>,
    /// The drop of the collateral that liquidates, as a fraction; negative beyond the threshold.
    pub(super) room: f64,
}

/// Most of a vault's debt that one liquidation repays, while the vault is not deep under water.
const CLOSE_FACTOR: f64 = 0.5;
/// The liquidator's reward on top of what is repaid.
const LIQUIDATION_BONUS: f64 = 1.05;
/// From this LTV on a part would leave the rest worse off, and everything is closed.
const FULL_CLOSE_LTV: f64 = 90.0;

/// What a liquidation took.
#[derive(Clone, Copy, Debug)]
pub(super) struct Liquidation {
    pub(super) repaid: f64,
    /// Dollars.
    pub(super) seized: f64,
}

impl Vault {
    pub(super) fn figures(&self, prices: &Prices) -> Figures {
        let value = |leg: &Leg| round(leg.amount * prices.usd(leg.token), 2);
        let collateral: Vec<f64> = self.collateral.iter().map(value).collect();
        let debt = round(self.borrowed * prices.stable_usd(self.stable), 2);
        let total: f64 = collateral.iter().sum();
        // A closed-out vault may hold nothing at all; it owes nothing then, either.
        let ltv = if debt == 0.0 { 0.0 } else { debt / total.max(0.01) * 100.0 };
        Figures {
            collateral,
            debt,
            ltv: round(ltv, 4),
            health_factor: (ltv > 0.0).then(|| round(self.threshold / ltv, 4)),
            room: 1.0 - ltv / self.threshold,
        }
    }

    pub(super) fn collateral_usd(&self, prices: &Prices) -> f64 {
        self.collateral.iter().map(|leg| leg.amount * prices.usd(leg.token)).sum()
    }

    /// Borrows or repays until so much room is left; never over what may be borrowed.
    pub(super) fn set_room_by_debt(&mut self, room: f64, prices: &Prices) {
        let ltv = (self.threshold * (1.0 - room)).min(self.max_ltv * 0.998);
        let debt = self.collateral_usd(prices) * ltv / 100.0;
        self.borrowed = round((debt / prices.stable_usd(self.stable)).max(0.0), 2);
    }

    /// Adds collateral, in the present proportions, until so much room is left.
    pub(super) fn set_room_by_collateral(&mut self, room: f64, prices: &Prices) {
        let debt = self.borrowed * prices.stable_usd(self.stable);
        let wanted = debt / (self.threshold / 100.0 * (1.0 - room));
        self.scale_collateral(wanted / self.collateral_usd(prices).max(0.01));
    }

    pub(super) fn scale_collateral(&mut self, by: f64) {
        for leg in &mut self.collateral {
            leg.amount = round(leg.amount * by, leg.token.facts().digits);
        }
    }

    /// Starts over with so many dollars of the first token and so much room.
    pub(super) fn refill(&mut self, usd: f64, room: f64, prices: &Prices) {
        self.collateral.truncate(1);
        let leg = &mut self.collateral[0];
        leg.amount = round(usd / prices.usd(leg.token), leg.token.facts().digits);
        self.status = Status::Active;
        self.set_room_by_debt(room, prices);
    }

    /// What its owner decided, within what there is.
    pub(super) fn deal(&mut self, deal: Deal) {
        let digits = self.collateral[0].token.facts().digits;
        let amount = &mut self.collateral[0].amount;
        match deal {
            Deal::Repay(by) => self.borrowed = round((self.borrowed - by).max(0.0), 2),
            Deal::Borrow(by) => self.borrowed = round(self.borrowed + by, 2),
            Deal::Deposit(by) => *amount = round(*amount + by, digits),
            Deal::Withdraw(by) => *amount = round((*amount - by).max(0.0), digits),
        }
    }

    pub(super) fn liquidate(&mut self, prices: &Prices, dice: &mut Dice) -> Liquidation {
        let before = self.figures(prices);
        let total: f64 = before.collateral.iter().sum();
        let share = if before.ltv >= FULL_CLOSE_LTV { 1.0 } else { CLOSE_FACTOR };
        let repaid = round(self.borrowed * share, 2);
        let taken = repaid * prices.stable_usd(self.stable) * LIQUIDATION_BONUS;
        let seized = taken.min(total * 0.99);
        self.scale_collateral(1.0 - seized / total.max(0.01));
        self.borrowed = round(self.borrowed - repaid, 2);
        self.status = Status::Liquidated;
        self.owner.shaken_for(dice.between(60.0, 300.0));
        Liquidation { repaid, seized: round(seized, 2) }
    }
}

/// To so many digits after the point.
pub(super) fn round(value: f64, digits: usize) -> f64 {
    let scale = 10_f64.powi(i32::try_from(digits).expect("a handful of digits"));
    (value * scale).round() / scale
}
