//! Other rules, put in place while watching goes on: they need not wait for the next value.

use domain::market::Market;
use domain::{UnixMillis, Vault};

use super::evaluate::Look;
use super::{RuleWatch, judge};
use crate::Finding;
use crate::rule::memory::Out;

impl RuleWatch {
    /// A vault as it has been known since `received`. While no data arrive, `fed` is false: then ages are not judged.
    pub fn vault_known(
        &mut self,
        vault: &Vault,
        received: UnixMillis,
        fed: bool,
        now: UnixMillis,
        effects: &mut Vec<Finding>,
    ) {
        let look = if fed { Look::Update } else { Look::LastKnown };
        self.look_at(vault, received, look, now, effects);
    }

    /// A chain's market as it has been known since `received`.
    pub fn market_known(
        &mut self,
        market: &Market,
        received: UnixMillis,
        now: UnixMillis,
        effects: &mut Vec<Finding>,
    ) {
        self.hours.look(&self.book, now);
        let judge = judge(&self.book, &self.hours, self.language, now);
        let out = &mut Out { effects, dirty: &mut self.dirty };
        self.scenes.market_changed(&judge, market, received, out);
    }
}
