use super::dice::Dice;
use super::path::Path;
use super::regime::Regime;
use super::token::{Quoted, Stable, Token};
use super::weather::Weather;

/// Dollar prices: one common factor that all tokens follow with their own strength, a movement of each token's
/// own, and jumps. Everything is drawn back to its level, so the market can be left on for weeks.
#[derive(Debug)]
pub(super) struct Prices {
    weather: Weather,
    /// What a scenario moves by itself.
    paths: Vec<(Quoted, Path)>,
    /// Seconds since the start.
    elapsed: f64,
    regime: Regime,
    /// Seconds until the mood changes.
    regime_left: f64,
    /// What the common factor is drawn to.
    level: f64,
    factor: f64,
    own: [f64; Token::COUNT],
    usd: [f64; Token::COUNT],
    stables: [f64; 3],
    /// Seconds until the stablecoins are quoted anew.
    stables_left: f64,
    /// Mean square of the common factor's movement per second, forgetting within about a minute.
    variance: f64,
}

/// What a step brought beside the usual.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    /// A change of mood.
    pub(super) regime: Option<Regime>,
    /// Whether a price on a path of its own was set elsewhere at once.
    pub(super) jumped: bool,
}

/// How fast the common factor returns to its level, per second: half-way in six minutes.
const FACTOR_PULL: f64 = 0.002;
/// How fast a token's own movement fades, per second: half-way in ten minutes.
const OWN_PULL: f64 = 0.001_2;
/// A stablecoin's quote has four decimals and changes rarely; a debt is not worth an update for less.
const STABLE_QUOTE_SECONDS: f64 = 30.0;
/// No sum of moods and jumps takes the common factor further: prices stay within about half and double.
const FACTOR_LIMIT: f64 = 0.45;

impl Prices {
    pub(super) fn new(weather: Weather, paths: Vec<(Quoted, Path)>, dice: &mut Dice) -> Self {
        let regime = Regime::first(weather);
        let mut prices = Self {
            weather,
            paths,
            elapsed: 0.0,
            regime,
            regime_left: regime.draw_length(weather, dice),
            level: if weather == Weather::Stormy { regime.draw_level(dice) } else { 0.0 },
            factor: 0.0,
            own: [0.0; Token::COUNT],
            usd: [0.0; Token::COUNT],
            stables: [1.0; 3],
            stables_left: 0.0,
            variance: regime.mood(weather).sigma.powi(2),
        };
        // What begins with the market has happened when its vaults are filled.
        for (_, path) in &mut prices.paths {
            path.step(0.0, 0.0, dice);
        }
        prices.quote();
        prices
    }

    pub(super) fn usd(&self, token: Token) -> f64 {
        self.usd[token.index()]
    }

    pub(super) fn stable_usd(&self, stable: Stable) -> f64 {
        self.path(Quoted::Stable(stable)).unwrap_or(self.stables[stable as usize])
    }

    pub(super) fn regime(&self) -> Regime {
        self.regime
    }

    /// Yearly volatility in percent, on the demo's clock where a minute stands for an hour.
    pub(super) fn volatility(&self) -> f64 {
        const DEMO_SECONDS_PER_YEAR: f64 = 365.0 * 24.0 * 60.0;
        (self.variance * DEMO_SECONDS_PER_YEAR).sqrt() * 100.0
    }

    /// How far the market as a whole stands from where it usually is, in percent.
    pub(super) fn change(&self) -> f64 {
        self.factor.exp_m1() * 100.0
    }

    /// Moves the whole market at once, by a fraction of its value.
    pub(super) fn shock(&mut self, fraction: f64) {
        self.factor = (self.factor + fraction.ln_1p()).clamp(-FACTOR_LIMIT, FACTOR_LIMIT);
        self.quote();
    }

    /// Moves everything by `seconds`.
    pub(super) fn step(&mut self, seconds: f64, dice: &mut Dice) -> Step {
        self.elapsed += seconds;
        let mut jumped = false;
        for (_, path) in &mut self.paths {
            jumped |= path.step(self.elapsed, seconds, dice);
        }
        let changed = self.age_regime(seconds, dice);
        let mood = self.regime.mood(self.weather);
        let mut movement = mood.sigma * seconds.sqrt() * dice.normal();
        if dice.within(seconds, mood.jump_every) {
            movement += mood.jump.0 + mood.jump.1 * dice.normal();
        }
        let pull = (-FACTOR_PULL * seconds).exp_m1() * (self.factor - self.level);
        self.factor = (self.factor + pull + movement).clamp(-FACTOR_LIMIT, FACTOR_LIMIT);
        let forget = (seconds / 60.0).min(1.0);
        self.variance += forget * (movement.powi(2) / seconds - self.variance);
        let own_sigma = mood.sigma * seconds.sqrt();
        let own_keep = (-OWN_PULL * seconds).exp();
        for token in Token::ALL {
            let own = &mut self.own[token.index()];
            *own = *own * own_keep + token.facts().own * own_sigma * dice.normal();
        }
        self.stables_left -= seconds;
        if self.stables_left <= 0.0 {
            self.stables_left = STABLE_QUOTE_SECONDS;
            for quote in &mut self.stables {
                let noise = if self.weather == Weather::Still { 0.0 } else { dice.normal() };
                *quote = ((1.0 + 0.000_3 * noise) * 1e4).round() / 1e4;
            }
        }
        self.quote();
        Step { regime: changed, jumped }
    }

    fn path(&self, quoted: Quoted) -> Option<f64> {
        let own = self.paths.iter().find(|(of, _)| *of == quoted);
        own.map(|(_, path)| path.usd())
    }

    fn age_regime(&mut self, seconds: f64, dice: &mut Dice) -> Option<Regime> {
        self.regime_left -= seconds;
        if self.regime_left > 0.0 {
            return None;
        }
        self.regime = self.regime.next(self.weather, dice);
        self.regime_left = self.regime.draw_length(self.weather, dice);
        self.level = self.regime.draw_level(dice);
        Some(self.regime)
    }

    fn quote(&mut self) {
        // Those that follow another come after it in `ALL`.
        for token in Token::ALL {
            let facts = token.facts();
            let base = match token.follows() {
                Some(leader) => self.usd[leader.index()],
                None => (facts.beta * self.factor).exp(),
            };
            self.usd[token.index()] = match self.path(Quoted::Token(token)) {
                Some(usd) => usd,
                None => facts.anchor * base * self.own[token.index()].exp(),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Scenario;

    #[test]
    fn a_simulated_week_stays_within_sane_bounds_and_moves() {
        for scenario in Scenario::ALL {
            let dice = &mut Dice::new(9);
            let mut prices = Prices::new(scenario.into(), Vec::new(), dice);
            let (mut lowest, mut highest) = (f64::MAX, 0.0_f64);
            for _ in 0..7 * 24 * 3_600 {
                prices.step(1.0, dice);
                for token in Token::ALL {
                    let usual = match token.follows() {
                        Some(leader) => leader.facts().anchor * token.facts().anchor,
                        None => token.facts().anchor,
                    };
                    let ratio = prices.usd(token) / usual;
                    assert!(ratio.is_finite() && (0.35..2.5).contains(&ratio), "{token:?} {ratio}");
                    lowest = lowest.min(ratio);
                    highest = highest.max(ratio);
                }
                assert!(prices.volatility().is_finite());
            }
            assert!(lowest < 0.95 && highest > 1.03, "{scenario}: {lowest}..{highest}");
        }
    }

    #[test]
    fn staked_ether_follows_ether() {
        let dice = &mut Dice::new(3);
        let mut prices = Prices::new(Weather::Stormy, Vec::new(), dice);
        for _ in 0..3_600 {
            prices.step(1.0, dice);
            let rate = prices.usd(Token::WstEth) / prices.usd(Token::Weth);
            assert!((rate / 1.2143 - 1.0).abs() < 0.01, "{rate}");
        }
    }
}
