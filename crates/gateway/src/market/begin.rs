use wire::UnixMillis;

use super::bulletin::{ChainBulletin, Health};
use super::dice::Dice;
use super::opening::Opening;
use super::path::{Path, Turn};
use super::plan::Plan;
use super::platform::{self, Watch};
use super::population;
use super::prices::Prices;
use super::report::Reporter;
use super::silence::Silence;
use super::token::{Chain, Quoted};
use super::vault::Vault;
use super::{Market, Place};
use crate::replay::Speed;
use crate::{DemoOptions, Rate};

/// What a market begins with.
#[derive(Debug)]
struct Parts {
    rate: Rate,
    speed: Speed,
    noticed: f64,
    dice: Dice,
    prices: Prices,
    vaults: Vec<Vault>,
    opening: Opening,
    silence: Option<Silence>,
    turns: Vec<usize>,
}

impl Market {
    /// A market that begins at `now`. Nothing is emitted before the first [`Market::advance`].
    #[must_use]
    pub fn new(options: &DemoOptions, now: UnixMillis) -> Self {
        let mut dice = Dice::new(options.seed);
        let prices = Prices::new(options.scenario.into(), Vec::new(), &mut dice);
        let vaults = population::populate(options.vaults.get(), &prices, now, &mut dice);
        let opening = Opening::of(options.scenario, &mut dice);
        let turns = turns(vaults.len(), &mut dice);
        let silence = Some(Silence::new(&vaults, &mut dice));
        let rate = options.effective_rate();
        let (speed, noticed) = (Speed::default(), platform::NOTICED);
        let parts = Parts { rate, speed, noticed, dice, prices, vaults, opening, silence, turns };
        Self::begin(parts, now)
    }

    /// A market as a scenario's file describes it.
    pub(crate) fn planned(plan: &Plan, now: UnixMillis) -> Self {
        let mut dice = Dice::new(plan.seed);
        let mut paths: Vec<(Quoted, Vec<Turn>)> = Vec::new();
        for (quoted, turn) in &plan.prices {
            match paths.iter_mut().find(|(of, _)| of == quoted) {
                Some((_, turns)) => turns.push(*turn),
                None => paths.push((*quoted, vec![*turn])),
            }
        }
        let path =
            |(quoted, turns): (Quoted, Vec<Turn>)| (quoted, Path::new(quoted.usual_usd(), turns));
        let paths = paths.into_iter().map(path).collect();
        let prices = Prices::new(plan.weather, paths, &mut dice);
        let mut vaults: Vec<Vault> =
            plan.vaults.iter().map(|vault| population::place(vault, &prices, now)).collect();
        vaults.extend(population::populate(plan.population, &prices, now, &mut dice));
        let opening = Opening::written(plan.weather, plan.acts.clone());
        let turns = turns(vaults.len(), &mut dice);
        let Plan { rate, speed, noticed, .. } = *plan;
        // What falls silent, and when, is up to the file.
        let silence = None;
        let parts = Parts { rate, speed, noticed, dice, prices, vaults, opening, silence, turns };
        Self::begin(parts, now)
    }

    fn begin(parts: Parts, now: UnixMillis) -> Self {
        let place = |vault: Vault| {
            let reporter = Reporter::new(&vault);
            Place { vault, reporter, watch: Watch::default() }
        };
        Self {
            rate: parts.rate,
            speed: parts.speed,
            noticed: parts.noticed,
            dice: parts.dice,
            prices: parts.prices,
            places: parts.vaults.into_iter().map(place).collect(),
            opening: parts.opening,
            silence: parts.silence,
            chains: Chain::ALL.into_iter().map(ChainBulletin::new).collect(),
            health: Health::default(),
            stress_alerts: Vec::new(),
            turns: parts.turns,
            turn: 0,
            troubled: Vec::new(),
            budget: 0.0,
            began: now,
            started: now,
            now,
            ticks: 0,
            out: Vec::new(),
        }
    }
}

/// The order in which vaults are told of.
fn turns(vaults: usize, dice: &mut Dice) -> Vec<usize> {
    let mut turns: Vec<usize> = (0..vaults).collect();
    dice.shuffle(&mut turns);
    turns
}
