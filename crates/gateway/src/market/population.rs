use smol_str::format_smolstr;
use wire::UnixMillis;

use super::dice::Dice;
use super::owner::{Owner, Temper};
use super::plan::VaultPlan;
use super::prices::Prices;
use super::token::{Chain, Stable, Token};
use super::vault::{Leg, Status, Vault, round};

/// The vaults at the start: most far from trouble, a handful close to it. The first one belongs to somebody bold;
/// the scenario's opening is played on it.
pub(super) fn populate(
    count: u16,
    prices: &Prices,
    now: UnixMillis,
    dice: &mut Dice,
) -> Vec<Vault> {
    let mut walks = Walk::deal(usize::from(count));
    // The opening's vault keeps its walk, whatever the others are dealt.
    dice.shuffle(walks.get_mut(1..).unwrap_or_default());
    let mut numbers = [0_u32; Chain::ALL.len()];
    let mut settle = |(index, walk): (usize, Walk)| {
        let chain = chain_of(index);
        let number = &mut numbers[chain as usize];
        *number += 1;
        settle(chain, *number, walk, prices, now, dice)
    };
    walks.into_iter().enumerate().map(&mut settle).collect()
}

/// Half on Ethereum, three in ten on Arbitrum, two in ten on Polygon.
fn chain_of(index: usize) -> Chain {
    match index % 10 {
        0..5 => Chain::Ethereum,
        5..8 => Chain::Arbitrum,
        _ => Chain::Polygon,
    }
}

/// A walk of life.
#[derive(Clone, Copy, Debug)]
enum Walk {
    Bold,
    High,
    Medium,
    Low,
    Saver,
}

impl Walk {
    /// Of 200: 4 bold, 8 high, 20 medium, 6 savers, the others low.
    fn deal(count: usize) -> Vec<Self> {
        let mut walks = Vec::with_capacity(count);
        let shares = [(Self::Bold, 50), (Self::High, 25), (Self::Medium, 10), (Self::Saver, 33)];
        for (walk, one_in) in shares {
            walks.extend(std::iter::repeat_n(walk, count / one_in));
        }
        if (1..50).contains(&count) {
            walks.insert(0, Self::Bold);
        }
        walks.resize(count, Self::Low);
        walks
    }

    fn room(self, dice: &mut Dice) -> f64 {
        match self {
            Self::Bold => dice.between(0.12, 0.15),
            Self::High => dice.between(0.125, 0.18),
            Self::Medium => dice.between(0.19, 0.32),
            Self::Low => dice.between(0.33, 0.78),
            Self::Saver => 1.0,
        }
    }

    fn temper(self) -> Temper {
        match self {
            Self::Bold => Temper::Bold,
            Self::High | Self::Medium | Self::Low => Temper::Steady,
            Self::Saver => Temper::Saver,
        }
    }
}

fn settle(
    chain: Chain,
    number: u32,
    walk: Walk,
    prices: &Prices,
    now: UnixMillis,
    dice: &mut Dice,
) -> Vault {
    // The bold need a token that lends to within a few percent of its threshold.
    let first = match walk {
        Walk::Bold => Token::Weth,
        _ => dice.pick(chain.tokens()),
    };
    let second = dice.pick(chain.tokens());
    let paired = !matches!(walk, Walk::Bold) && second != first && dice.chance(0.2);
    // From 8 thousand to 3 million dollars, each order of magnitude as usual as the next.
    let stake = 8_000.0 * 375_f64.powf(dice.between(0.0, 1.0));
    let split = if paired { dice.between(0.4, 0.8) } else { 1.0 };
    let leg = |token: Token, usd: f64| Leg {
        token,
        amount: round(usd / prices.usd(token), token.facts().digits),
    };
    let mut collateral = vec![leg(first, stake * split)];
    let (mut max_ltv, mut threshold) = (first.facts().max_ltv, first.facts().threshold);
    if paired {
        collateral.push(leg(second, stake * (1.0 - split)));
        // A platform fixes a vault's limits when it is opened, by value.
        let mean = |a: f64, b: f64| round(a * split + b * (1.0 - split), 1);
        max_ltv = mean(max_ltv, second.facts().max_ltv);
        threshold = mean(threshold, second.facts().threshold);
    }
    let patience = if dice.chance(0.2) { 900.0 } else { dice.between(60.0, 240.0) };
    let ease = walk.room(dice);
    let age_days = dice.between(3.0, 600.0);
    let mut vault = Vault {
        id: format_smolstr!("{}-{number:03}", chain.prefix()),
        chain,
        agent: 1 + number % 7,
        created: UnixMillis(now.0 - (age_days * 86_400_000.0) as i64),
        status: Status::Active,
        collateral,
        stable: dice.pick(&Stable::ALL),
        borrowed: 0.0,
        max_ltv,
        threshold,
        owner: Owner { temper: walk.temper(), ease, patience, stake, shaken: 0.0 },
    };
    if vault.owner.temper != Temper::Saver {
        vault.set_room_by_debt(ease, prices);
    }
    vault
}

/// A vault that a scenario describes.
pub(super) fn place(plan: &VaultPlan, prices: &Prices, now: UnixMillis) -> Vault {
    let leg = |(token, amount): &(Token, f64)| Leg {
        token: *token,
        amount: round(*amount, token.facts().digits),
    };
    let owner =
        Owner { temper: plan.temper, ease: 0.0, patience: plan.patience, stake: 0.0, shaken: 0.0 };
    let mut vault = Vault {
        id: plan.id.clone(),
        chain: plan.chain,
        agent: 1,
        created: now,
        status: Status::Active,
        collateral: plan.collateral.iter().map(leg).collect(),
        stable: plan.stable,
        borrowed: round(plan.borrowed, 2),
        max_ltv: plan.max_ltv,
        threshold: plan.threshold,
        owner,
    };
    // Where it begins is where its owner is at ease.
    vault.owner.ease = vault.figures(prices).room;
    vault.owner.stake = vault.collateral_usd(prices);
    vault
}
