//! The demo market: vaults, prices and owners on three chains. Pure: it owns no clock and no chance of its own, so
//! a seed and a scenario are the whole story.

mod bulletin;
mod dice;
mod opening;
mod owner;
mod platform;
mod population;
mod prices;
mod regime;
mod report;
mod silence;
mod token;
mod vault;

use smol_str::SmolStr;
use wire::UnixMillis;

use self::bulletin::{ChainBulletin, Health};
use self::dice::Dice;
use self::opening::{Act, Opening};
use self::owner::{Outcome, Temper, live};
use self::platform::{Level, Watch};
use self::prices::Prices;
use self::regime::Regime;
use self::report::Reporter;
use self::silence::Silence;
use self::token::Chain;
use self::vault::Vault;
use crate::DemoOptions;

/// A market that is played by telling it the time.
#[derive(Debug)]
pub struct Market {
    options: DemoOptions,
    dice: Dice,
    prices: Prices,
    places: Vec<Place>,
    opening: Opening,
    silence: Silence,
    chains: Vec<ChainBulletin>,
    health: Health,
    /// Ids of the open alerts about the market's stress, one per chain.
    stress_alerts: Vec<SmolStr>,
    /// Vaults whose turn it is, and those in trouble, who get every fourth turn.
    turns: Vec<usize>,
    turn: usize,
    troubled: Vec<usize>,
    /// Updates owed to the rate; negative after a burst of urgent ones.
    budget: f64,
    started: UnixMillis,
    now: UnixMillis,
    ticks: u64,
    out: Vec<Emission>,
}

/// A vault with those who look at it.
#[derive(Debug)]
struct Place {
    vault: Vault,
    reporter: Reporter,
    watch: Watch,
}

/// One envelope the market sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Emission {
    /// The envelope's `type`.
    pub ty: SmolStr,
    pub kind: Kind,
    /// The whole envelope.
    pub json: String,
}

/// Whether a message replaces what was known or happened once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The last value of its type, or a part of it.
    State {
        full: bool,
    },
    Event,
}

/// The market moves in steps of this length, whatever the intervals at which it is told the time.
const TICK_MS: i64 = 10;
const TICKS_PER_SECOND: u64 = 100;
const TICK_SECONDS: f64 = 0.01;
/// A clock that is further off than this was set, or its machine slept: the market goes on from there instead of
/// playing what was missed.
const CLOCK_JUMP_MS: i64 = 2_000;
const STATUS_EVERY_TICKS: u64 = 5 * TICKS_PER_SECOND;
/// Each chain's market is told this often.
const BULLETIN_EVERY_TICKS: u64 = 2 * TICKS_PER_SECOND;

impl Market {
    /// A market that begins at `now`. Nothing is emitted before the first [`Market::advance`].
    #[must_use]
    pub fn new(options: &DemoOptions, now: UnixMillis) -> Self {
        let mut dice = Dice::new(options.seed);
        let prices = Prices::new(options.scenario, &mut dice);
        let vaults = population::populate(options, &prices, now, &mut dice);
        let opening = Opening::new(options.scenario, &mut dice);
        let mut turns: Vec<usize> = (0..vaults.len()).collect();
        dice.shuffle(&mut turns);
        let silence = Silence::new(&vaults, &mut dice);
        let place = |vault: Vault| {
            let reporter = Reporter::new(&vault);
            Place { vault, reporter, watch: Watch::default() }
        };
        Self {
            options: options.clone(),
            dice,
            prices,
            places: vaults.into_iter().map(place).collect(),
            opening,
            silence,
            chains: Chain::ALL.into_iter().map(ChainBulletin::new).collect(),
            health: Health::default(),
            stress_alerts: Vec::new(),
            turns,
            turn: 0,
            troubled: Vec::new(),
            budget: 0.0,
            started: now,
            now,
            ticks: 0,
            out: Vec::new(),
        }
    }

    /// Plays up to `now` and hands over what was sent on the way, in order. The first call begins with the complete
    /// state of everything.
    pub fn advance(&mut self, now: UnixMillis) -> Vec<Emission> {
        if self.ticks == 0 {
            self.tell_everything();
            self.ticks = 1;
            // The opening state is not owed to the rate.
            self.budget = 0.0;
        }
        if (now.0 - self.now.0).abs() > CLOCK_JUMP_MS {
            let jump = now.0 - self.now.0;
            self.started.0 += jump;
            self.now = now;
        }
        while self.now.0 + TICK_MS <= now.0 {
            self.now.0 += TICK_MS;
            self.tick();
            self.ticks += 1;
        }
        std::mem::take(&mut self.out)
    }

    fn tell_everything(&mut self) {
        for index in 0..self.places.len() {
            self.report(index);
            let figures = self.places[index].vault.figures(&self.prices);
            // Those who start in trouble have been there for long: no alert.
            self.places[index].watch.crossing(&figures);
        }
        for chain in 0..self.chains.len() {
            self.tell_chain(chain);
        }
        self.tell_status();
    }

    fn tick(&mut self) {
        if let Some(regime) = self.prices.step(TICK_SECONDS, &mut self.dice) {
            self.tell_stress(regime);
        }
        while let Some(act) = self.opening.next(self.now.0 - self.started.0) {
            self.perform(act);
        }
        self.silence.step(self.now.0 - self.started.0, &mut self.dice);
        // Each vault lives once a second, not all in the same tick.
        let phase = (self.ticks % TICKS_PER_SECOND) as usize;
        for index in (phase..self.places.len()).step_by(TICKS_PER_SECOND as usize) {
            self.live(index);
        }
        if phase == 0 {
            self.find_troubled();
        }
        self.take_turns();
        self.tell_bulletins();
    }

    fn perform(&mut self, act: Act) {
        match act {
            Act::Borrow { bold, room } => {
                let is_bold = |place: &Place| place.vault.owner.temper == Temper::Bold;
                let mut bolds = (0..self.places.len()).filter(|i| is_bold(&self.places[*i]));
                let Some(index) = bolds.nth(bold) else { return };
                self.places[index].vault.set_room_by_debt(room, &self.prices);
                self.look_at(index);
            }
            Act::Shock(fraction) => {
                self.prices.shock(fraction);
                (0..self.places.len()).for_each(|index| self.look_at(index));
            }
        }
    }

    /// A second in the life of one vault.
    fn live(&mut self, index: usize) {
        self.health.checks += 1;
        let place = &mut self.places[index];
        let daring = self.opening.daring(self.options.scenario);
        let outcome = live(&mut place.vault, &self.prices, daring, &mut self.dice);
        match outcome {
            Outcome::Nothing => self.look_at(index),
            Outcome::Acted => {
                self.report(index);
                self.look_at(index);
            }
            Outcome::Liquidated(what) => {
                let place = &mut self.places[index];
                place.reporter.renew();
                let figures = place.vault.figures(&self.prices);
                let dice = &mut self.dice;
                let alert = platform::liquidated(&place.vault, what, &figures, self.now, dice);
                self.report(index);
                self.out.push(alert);
                self.look_at(index);
            }
        }
    }

    /// Lets the platform look at a vault: who crosses a level is reported at once.
    fn look_at(&mut self, index: usize) {
        if self.silence.holds(index) {
            return;
        }
        let place = &mut self.places[index];
        let figures = place.vault.figures(&self.prices);
        if !place.watch.crossing(&figures) {
            return;
        }
        self.report(index);
        let place = &mut self.places[index];
        let alert = place.watch.alert(&place.vault, &figures, self.now, &mut self.dice);
        self.out.extend(alert);
    }

    fn find_troubled(&mut self) {
        self.troubled.clear();
        let places = self.places.iter().enumerate();
        let troubled = places.filter(|(_, place)| place.watch.level() > Level::Normal);
        self.troubled.extend(troubled.map(|(index, _)| index));
    }

    fn take_turns(&mut self) {
        let per_tick = f64::from(self.options.effective_rate().per_second()) * TICK_SECONDS;
        // A burst of urgent updates is paid back by the ordinary ones, but never for more than a second.
        self.budget = (self.budget + per_tick).max(-per_tick * 100.0);
        while self.budget >= 1.0 {
            self.turn += 1;
            if self.turn.is_multiple_of(4) && !self.troubled.is_empty() {
                self.report(self.troubled[(self.turn / 4) % self.troubled.len()]);
            } else {
                let quarter = self.turn / 4;
                self.report(self.turns[(self.turn - quarter) % self.turns.len()]);
            }
        }
    }

    fn report(&mut self, index: usize) {
        self.budget -= 1.0;
        if self.silence.holds(index) {
            return;
        }
        let place = &mut self.places[index];
        let figures = place.vault.figures(&self.prices);
        self.out.push(place.reporter.report(&place.vault, figures, self.now));
    }

    fn tell_bulletins(&mut self) {
        for chain in 0..self.chains.len() {
            let offset = chain as u64 * (BULLETIN_EVERY_TICKS / Chain::ALL.len() as u64);
            if self.ticks % BULLETIN_EVERY_TICKS == offset {
                self.tell_chain(chain);
            }
        }
        if self.ticks.is_multiple_of(STATUS_EVERY_TICKS) {
            self.tell_status();
        }
    }

    fn tell_chain(&mut self, chain: usize) {
        self.health.market_messages += 1;
        let seconds = (self.now.0 - self.started.0) as f64 / 1_000.0;
        let bulletin = &mut self.chains[chain];
        self.out.push(bulletin.report(&self.prices, seconds, self.now, &mut self.dice));
    }

    fn tell_status(&mut self) {
        let open = self.places.iter().filter(|place| place.watch.has_open()).count();
        let open = open + self.stress_alerts.len();
        self.out.push(self.health.report(open, self.places.len(), self.now, &mut self.dice));
    }

    fn tell_stress(&mut self, regime: Regime) {
        if regime != Regime::Stress {
            let ids = std::mem::take(&mut self.stress_alerts);
            for (id, chain) in ids.iter().zip(Chain::ALL) {
                self.out.push(platform::stressed(id, chain, self.now, "true"));
            }
        } else if self.stress_alerts.is_empty() {
            for chain in Chain::ALL {
                let id = platform::alert_id(&mut self.dice);
                self.out.push(platform::stressed(&id, chain, self.now, "false"));
                self.stress_alerts.push(id);
            }
        }
    }
}
