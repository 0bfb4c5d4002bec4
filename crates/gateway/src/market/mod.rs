//! The demo market: vaults, prices and owners on three chains. Pure: it owns no clock and no chance of its own, so
//! a seed and a scenario are the whole story.

mod begin;
mod bulletin;
mod dice;
mod opening;
mod owner;
mod path;
mod plan;
mod platform;
mod population;
mod prices;
mod regime;
mod report;
mod silence;
mod token;
mod vault;
mod weather;

use smol_str::SmolStr;
use wire::UnixMillis;

use self::bulletin::{ChainBulletin, Health};
use self::dice::Dice;
use self::opening::Opening;
pub(crate) use self::opening::{Act, Deal};
pub(crate) use self::owner::Temper;
use self::owner::{Outcome, live};
pub(crate) use self::path::{Course, Turn};
pub(crate) use self::plan::{Plan, VaultPlan};
use self::platform::{Level, Watch};
use self::prices::Prices;
use self::regime::Regime;
use self::report::Reporter;
use self::silence::Silence;
pub(crate) use self::token::{Chain, Quoted, Stable, Token};
use self::vault::Vault;
pub(crate) use self::weather::Weather;
use crate::Rate;
use crate::replay::Speed;

/// A market that is played by telling it the time.
#[derive(Debug)]
pub struct Market {
    rate: Rate,
    speed: Speed,
    noticed: f64,
    dice: Dice,
    prices: Prices,
    places: Vec<Place>,
    opening: Opening,
    silence: Option<Silence>,
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
    /// The first moment by the clock of whoever reads the messages.
    began: UnixMillis,
    /// The first moment, and this one, by the market's own clock, which may run faster.
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
    /// Plays up to `now` and hands over what was sent on the way, in order. The first call begins with the complete
    /// state of everything.
    pub fn advance(&mut self, now: UnixMillis) -> Vec<Emission> {
        self.open();
        let until = self.due(now);
        while self.step(until) {}
        self.take()
    }

    /// Tells the complete state of everything, the first time.
    pub(crate) fn open(&mut self) {
        if self.ticks == 0 {
            self.tell_everything();
            self.ticks = 1;
            // The opening state is not owed to the rate.
            self.budget = 0.0;
        }
    }

    /// How far the market's own clock has to go to arrive at `now`, in milliseconds since the start.
    pub(crate) fn due(&mut self, now: UnixMillis) -> i64 {
        let jump = now.0 - self.told().0;
        if jump.abs() > CLOCK_JUMP_MS {
            self.began.0 += jump;
        }
        (now.0 - self.began.0) * i64::from(self.speed.times())
    }

    /// Plays one step, unless `until` is closer than that.
    pub(crate) fn step(&mut self, until: i64) -> bool {
        if self.elapsed() + TICK_MS > until {
            return false;
        }
        self.now.0 += TICK_MS;
        self.tick();
        self.ticks += 1;
        true
    }

    /// What was sent since the last time.
    pub(crate) fn take(&mut self) -> Vec<Emission> {
        std::mem::take(&mut self.out)
    }

    /// This moment by the clock of whoever reads the messages.
    pub(crate) fn told(&self) -> UnixMillis {
        let since = (self.now.0 - self.started.0) / i64::from(self.speed.times());
        UnixMillis(self.began.0 + since)
    }

    /// Milliseconds since the start, by the market's own clock.
    pub(crate) fn elapsed(&self) -> i64 {
        self.now.0 - self.started.0
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
        let step = self.prices.step(TICK_SECONDS, &mut self.dice);
        if let Some(regime) = step.regime {
            self.tell_stress(regime);
        }
        if step.jumped {
            (0..self.places.len()).for_each(|index| self.look_at(index));
        }
        while let Some(act) = self.opening.next(self.elapsed()) {
            self.perform(act);
        }
        let elapsed = self.elapsed();
        if let Some(silence) = &mut self.silence {
            silence.step(elapsed, &mut self.dice);
        }
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
            Act::Deal { vault, deal } => {
                self.places[vault].vault.deal(deal);
                self.report(vault);
                self.look_at(vault);
            }
            Act::Burst(updates) => {
                for _ in 0..updates {
                    self.next_turn();
                }
                // It comes on top.
                self.budget += f64::from(updates);
            }
        }
    }

    /// A second in the life of one vault.
    fn live(&mut self, index: usize) {
        self.health.checks += 1;
        let place = &mut self.places[index];
        let daring = self.opening.daring();
        let outcome = live(&mut place.vault, &self.prices, daring, &mut self.dice);
        match outcome {
            Outcome::Nothing => self.look_at(index),
            Outcome::Acted => {
                self.report(index);
                self.look_at(index);
            }
            Outcome::Liquidated(what) => {
                let now = self.told();
                let place = &mut self.places[index];
                place.reporter.renew();
                let figures = place.vault.figures(&self.prices);
                let dice = &mut self.dice;
                let alert = platform::liquidated(&place.vault, what, &figures, now, dice);
                self.report(index);
                self.out.push(alert);
                self.look_at(index);
            }
        }
    }

    /// Lets the platform look at a vault: who crosses a level is reported at once.
    fn look_at(&mut self, index: usize) {
        if self.is_silent(index) {
            return;
        }
        let now = self.told();
        let place = &mut self.places[index];
        let figures = place.vault.figures(&self.prices);
        if !place.watch.crossing(&figures) {
            return;
        }
        self.report(index);
        let place = &mut self.places[index];
        let (vault, dice) = (&place.vault, &mut self.dice);
        let alert = place.watch.alert(vault, &figures, self.noticed, now, dice);
        self.out.extend(alert);
    }

    fn is_silent(&self, index: usize) -> bool {
        self.silence.as_ref().is_some_and(|silence| silence.holds(index))
    }

    fn find_troubled(&mut self) {
        self.troubled.clear();
        let places = self.places.iter().enumerate();
        let troubled = places.filter(|(_, place)| place.watch.level() > Level::Normal);
        self.troubled.extend(troubled.map(|(index, _)| index));
    }

    fn take_turns(&mut self) {
        let per_tick = f64::from(self.rate.per_second()) * TICK_SECONDS;
        // A burst of urgent updates is paid back by the ordinary ones, but never for more than a second.
        self.budget = (self.budget + per_tick).max(-per_tick * 100.0);
        while self.budget >= 1.0 {
            self.next_turn();
        }
    }

    fn next_turn(&mut self) {
        self.turn += 1;
        if self.turn.is_multiple_of(4) && !self.troubled.is_empty() {
            self.report(self.troubled[(self.turn / 4) % self.troubled.len()]);
        } else {
            let quarter = self.turn / 4;
            self.report(self.turns[(self.turn - quarter) % self.turns.len()]);
        }
    }

    fn report(&mut self, index: usize) {
        self.budget -= 1.0;
        if self.is_silent(index) {
            return;
        }
        let now = self.told();
        let place = &mut self.places[index];
        let figures = place.vault.figures(&self.prices);
        self.out.push(place.reporter.report(&place.vault, figures, now));
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
        let seconds = self.elapsed() as f64 / 1_000.0;
        let now = self.told();
        let bulletin = &mut self.chains[chain];
        self.out.push(bulletin.report(&self.prices, seconds, now, &mut self.dice));
    }

    fn tell_status(&mut self) {
        let open = self.places.iter().filter(|place| place.watch.has_open()).count();
        let open = open + self.stress_alerts.len();
        let now = self.told();
        self.out.push(self.health.report(open, self.places.len(), now, &mut self.dice));
    }

    fn tell_stress(&mut self, regime: Regime) {
        if regime != Regime::Stress {
            let ids = std::mem::take(&mut self.stress_alerts);
            for (id, chain) in ids.iter().zip(Chain::ALL) {
                self.out.push(platform::stressed(id, chain, self.told(), "true"));
            }
        } else if self.stress_alerts.is_empty() {
            for chain in Chain::ALL {
                let id = platform::alert_id(&mut self.dice);
                self.out.push(platform::stressed(&id, chain, self.told(), "false"));
                self.stress_alerts.push(id);
            }
        }
    }
}
