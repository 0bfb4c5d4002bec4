use super::dice::Dice;
use super::owner::{HIGH_ROOM, Temper};
use super::vault::Vault;

/// One vault falls silent for some minutes now and then, so that a stale value can be seen for what it is.
#[derive(Debug)]
pub(super) struct Silence {
    vault: Option<usize>,
    /// Milliseconds since the start of the market.
    from: i64,
    until: i64,
    holding: bool,
}

impl Silence {
    /// Picks a vault nobody needs to worry about. A market of a few vaults has none to spare.
    pub(super) fn new(vaults: &[Vault], dice: &mut Dice) -> Self {
        let spare = |vault: &Vault| {
            vault.owner.temper == Temper::Steady && vault.owner.ease > 2.0 * HIGH_ROOM
        };
        let spares: Vec<usize> = (0..vaults.len()).filter(|i| spare(&vaults[*i])).collect();
        let vault = if spares.len() >= 10 { Some(dice.pick(&spares)) } else { None };
        let mut silence = Self { vault, from: 0, until: 0, holding: false };
        silence.plan(dice.between(60.0, 150.0), dice);
        silence
    }

    pub(super) fn step(&mut self, since_start: i64, dice: &mut Dice) {
        if since_start > self.until {
            let pause = dice.between(600.0, 1_500.0);
            self.plan(since_start as f64 / 1_000.0 + pause, dice);
        }
        self.holding = (self.from..=self.until).contains(&since_start);
    }

    pub(super) fn holds(&self, vault: usize) -> bool {
        self.holding && self.vault == Some(vault)
    }

    fn plan(&mut self, from_seconds: f64, dice: &mut Dice) {
        self.from = (from_seconds * 1_000.0) as i64;
        self.until = self.from + (dice.between(180.0, 300.0) * 1_000.0) as i64;
    }
}
