//! What prices did lately: whether a fall explains a vault's jump, and what an incident came from.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use domain::market::Market;
use domain::{Percent, UnixMillis, Usd, Vault};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// A mark is kept of each minute, for so many of them.
const MARKS: usize = 16;
const MINUTE: Duration = Duration::from_secs(60);
/// Most tokens remembered; a feed that invents more is not listened to.
const LIMIT: usize = 10_000;

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Prices {
    tokens: BTreeMap<SmolStr, Track>,
    #[serde(skip)]
    changed: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Track {
    current: Usd,
    /// The price at the beginning of each of the last minutes in which there was one, oldest first.
    marks: VecDeque<(UnixMillis, Usd)>,
}

/// `WETH −12.4 % in 8 min`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fall {
    pub(crate) token: SmolStr,
    pub(crate) by: Percent,
    pub(crate) within: Duration,
}

impl Prices {
    pub(crate) fn note(&mut self, market: &Market, now: UnixMillis) {
        for (token, price) in &market.price_feeds {
            let full = self.tokens.len() >= LIMIT;
            match self.tokens.get_mut(token) {
                Some(track) => {
                    // The clock may have been set back: marks of the future are none.
                    let stale = |(at, _): &(UnixMillis, Usd)| *at > now;
                    while track.marks.back().is_some_and(stale) {
                        track.marks.pop_back();
                    }
                    track.current = *price;
                    if track.marks.back().is_none_or(|(at, _)| now.since(*at) >= MINUTE) {
                        track.marks.push_back((now, *price));
                        if track.marks.len() > MARKS {
                            track.marks.pop_front();
                        }
                        self.changed = true;
                    }
                }
                None if !full => {
                    let marks = VecDeque::from([(now, *price)]);
                    self.tokens.insert(token.clone(), Track { current: *price, marks });
                    self.changed = true;
                }
                None => {}
            }
        }
    }

    /// Whether a collateral of the vault fell lately by at least half of `points`, in percent.
    pub(crate) fn explain(&self, vault: &Vault, points: Percent, now: UnixMillis) -> bool {
        let half = points.0 / Decimal::TWO;
        let tokens = vault.collateral.iter().flatten().map(|holding| &holding.token);
        tokens.into_iter().any(|token| {
            let fall = self.fall(token, 3 * MINUTE, now);
            fall.is_some_and(|fall| fall.by.0 >= half)
        })
    }

    /// How far a token is below its highest mark of the last quarter of an hour.
    pub(crate) fn fall_of(&self, token: &SmolStr, now: UnixMillis) -> Option<Fall> {
        self.fall(token, MINUTE * 15, now).filter(|fall| fall.by.0 >= Decimal::ONE)
    }

    fn fall(&self, token: &SmolStr, within: Duration, now: UnixMillis) -> Option<Fall> {
        let track = self.tokens.get(token)?;
        let recent = track.marks.iter().filter(|(at, _)| now.since(*at) <= within);
        let (at, highest) = recent.max_by_key(|(at, price)| (*price, *at))?;
        let fallen = highest.0.checked_sub(track.current.0)?;
        let by = Percent(fallen.checked_mul(Decimal::ONE_HUNDRED)?.checked_div(highest.0)?);
        (by.0 > Decimal::ZERO).then(|| Fall { token: token.clone(), by, within: now.since(*at) })
    }

    /// What is worth keeping, when that has changed.
    pub(crate) fn take_changed(&mut self) -> bool {
        std::mem::take(&mut self.changed)
    }
}
