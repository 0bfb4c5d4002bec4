use std::collections::BTreeSet;
use std::path::Path;

use smol_str::SmolStr;
use toml::Spanned;

use super::error::ScriptError;
use super::fault::{Cue, Fault, Outage, Types};
use super::file::{Deed, File, Holding, Kind, Owner, Price, Trouble, Vault};
use super::{Script, player};
use crate::Rate;
use crate::lapse::Lapse;
use crate::market::{
    Act, Chain, Course, Deal, Plan, Quoted, Stable, Temper, Token, Turn, VaultPlan,
};
use crate::replay::Speed;

/// Turns what was written into what can be played.
pub(super) fn check(file: File, text: &str, path: &Path) -> Result<Script, ScriptError> {
    let check = Check { text, path };
    let vaults = file.vaults.iter().map(|vault| check.vault(vault));
    let vaults = vaults.collect::<Result<Vec<_>, _>>()?;
    let population = file.population.as_ref().map_or(0, |population| *population.get_ref());
    if vaults.is_empty() && population == 0 {
        return Err(check.fault(0, "vault", "is missing: describe vaults, or give a `population`"));
    }
    check.ids(&file, population)?;
    let rate = match &file.rate {
        Some(rate) => Rate::new(*rate.get_ref())
            .map_err(|error| check.at(rate, "rate", format!("is out of range: {error}")))?,
        None => Rate::new(20).expect("a rate in range"),
    };
    let noticed = match &file.noticed {
        Some(share) if !(0.0..=1.0).contains(share.get_ref()) => {
            return Err(check.at(share, "noticed", "must be a share from 0 to 1"));
        }
        share => share.as_ref().map_or(1.0, |share| *share.get_ref()),
    };
    let mut prices = Vec::new();
    let mut acts = Vec::new();
    for price in &file.prices {
        check.price(price, &mut prices, &mut acts)?;
    }
    for deed in &file.acts {
        acts.push(check.deed(deed, &vaults)?);
    }
    let mut cues = Vec::new();
    for trouble in &file.faults {
        check.trouble(trouble, &mut cues, &mut acts)?;
    }
    cues.sort_by_key(|cue: &Cue| cue.at);
    let length = match &file.length {
        Some(length) if length.get_ref().millis() < 1_000 => {
            return Err(check.at(length, "length", "must be a second at least"));
        }
        length => length.as_ref().map(|length| length.get_ref().millis()),
    };
    let plan = Plan {
        seed: file.seed,
        rate,
        speed: Speed::default(),
        weather: file.weather,
        noticed,
        vaults,
        population,
        prices,
        acts,
    };
    Ok(Script { path: path.to_owned(), title: file.title, plan, length, cues })
}

struct Check<'a> {
    text: &'a str,
    path: &'a Path,
}

/// Largest amount or price: beyond, a double has no cents any more.
const MOST: f64 = 1e13;

impl Check<'_> {
    fn fault(&self, offset: usize, field: &str, reason: impl Into<String>) -> ScriptError {
        let before = &self.text.as_bytes()[..offset.min(self.text.len())];
        let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
        let (field, reason) = (field.to_owned(), reason.into());
        ScriptError::Invalid { path: self.path.to_owned(), line, field, reason }
    }

    fn at<T>(&self, value: &Spanned<T>, field: &str, reason: impl Into<String>) -> ScriptError {
        self.fault(value.span().start, field, reason)
    }

    fn positive(&self, value: &Spanned<f64>, field: &str) -> Result<f64, ScriptError> {
        let number = *value.get_ref();
        if number > 0.0 && number <= MOST {
            return Ok(number);
        }
        Err(self.at(
            value,
            field,
            format!("must be more than 0 and at most {MOST:e}, not {number}"),
        ))
    }

    /// At least what must not be 0, too: an amount.
    fn amount(&self, value: &Spanned<f64>, field: &str) -> Result<f64, ScriptError> {
        if *value.get_ref() == 0.0 { Ok(0.0) } else { self.positive(value, field) }
    }

    fn percent(&self, value: &Spanned<f64>, field: &str) -> Result<f64, ScriptError> {
        let number = *value.get_ref();
        if number > 0.0 && number < 100.0 {
            return Ok(number);
        }
        Err(self.at(value, field, format!("must be a percentage between 0 and 100, not {number}")))
    }

    /// Ids differ, from those of the population, too.
    fn ids(&self, file: &File, population: u16) -> Result<(), ScriptError> {
        let mut known = BTreeSet::new();
        for vault in &file.vaults {
            let id = vault.id.get_ref();
            if !known.insert(id.clone()) {
                return Err(self.at(&vault.id, "vault.id", format!("names `{id}` twice")));
            }
            let made_up = id.split_once('-').is_some_and(|(prefix, number)| {
                ["ETH", "ARB", "POL"].contains(&prefix)
                    && number.parse().is_ok_and(|number: u32| number <= u32::from(population))
            });
            if made_up && population > 0 {
                let reason = format!(
                    "may be one of the {population} vaults of the population: use a higher number \
                     than `{id}`, or another name"
                );
                return Err(self.at(&vault.id, "vault.id", reason));
            }
        }
        Ok(())
    }

    fn vault(&self, vault: &Vault) -> Result<VaultPlan, ScriptError> {
        let id = vault.id.get_ref();
        // What is written into messages as it is.
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte);
        if !(1..=64).contains(&id.len()) || !id.bytes().all(plain) {
            let reason = "must be 1 to 64 letters, digits, or any of - _ . :";
            return Err(self.at(&vault.id, "vault.id", reason));
        }
        let chain = match &vault.chain {
            None => Chain::Ethereum,
            Some(chain) => Chain::with_id(*chain.get_ref()).ok_or_else(|| {
                let reason = "must be 1 (Ethereum), 42161 (Arbitrum) or 137 (Polygon)";
                self.at(chain, "vault.chain", reason)
            })?,
        };
        let collateral = self.collateral(&vault.collateral)?;
        let debt = vault.debt.get_ref();
        let stable = Stable::named(debt.token.get_ref())
            .ok_or_else(|| self.at(&debt.token, "vault.debt.token", "must be USDC, USDT or DAI"))?;
        let (mut max_ltv, mut threshold) = collateral[0].0.limits();
        if let Some(percent) = &vault.threshold {
            threshold = self.percent(percent, "vault.threshold")?;
            max_ltv = max_ltv.min(threshold * 0.97);
        }
        if let Some(percent) = &vault.max_ltv {
            max_ltv = self.percent(percent, "vault.max_ltv")?;
            if max_ltv >= threshold {
                let reason = format!("must be less than the threshold, which is {threshold}");
                return Err(self.at(percent, "vault.max_ltv", reason));
            }
        }
        let temper = match vault.owner {
            Owner::Absent => Temper::Absent,
            Owner::Steady => Temper::Steady,
            Owner::Bold => Temper::Bold,
        };
        let patience = match (&vault.reacts_within, temper) {
            (Some(time), Temper::Absent) => {
                let reason = "has no meaning for an owner who is absent: say `owner = \"steady\"`";
                return Err(self.at(time, "vault.reacts_within", reason));
            }
            (Some(time), _) => time.get_ref().0.as_secs_f64().max(1.0),
            (None, _) => 120.0,
        };
        Ok(VaultPlan {
            id: id.clone(),
            chain,
            collateral,
            stable,
            borrowed: self.amount(&debt.amount, "vault.debt.amount")?,
            max_ltv,
            threshold,
            temper,
            patience,
        })
    }

    fn collateral(&self, held: &Spanned<Vec<Holding>>) -> Result<Vec<(Token, f64)>, ScriptError> {
        let holdings = held.get_ref();
        if !(1..=2).contains(&holdings.len()) {
            return Err(self.at(held, "vault.collateral", "must be one token or two"));
        }
        let mut collateral: Vec<(Token, f64)> = Vec::new();
        for holding in holdings {
            let token = match Quoted::named(holding.token.get_ref()) {
                Some(Quoted::Token(token)) => token,
                _ => {
                    let reason = format!(
                        "is `{}`, which cannot be pledged: choose one of {}",
                        holding.token.get_ref(),
                        Quoted::names()
                    );
                    return Err(self.at(&holding.token, "vault.collateral.token", reason));
                }
            };
            if collateral.iter().any(|(other, _)| *other == token) {
                return Err(self.at(&holding.token, "vault.collateral.token", "is there twice"));
            }
            let amount = self.positive(&holding.amount, "vault.collateral.amount")?;
            collateral.push((token, amount));
        }
        Ok(collateral)
    }

    fn price(
        &self,
        price: &Price,
        prices: &mut Vec<(Quoted, Turn)>,
        acts: &mut Vec<(i64, Act)>,
    ) -> Result<(), ScriptError> {
        let at = price.at.as_ref().map_or(0, |at| at.get_ref().millis());
        let over = price.over.as_ref().map_or(0.0, |over| over.get_ref().0.as_secs_f64());
        let course = match (&price.to, &price.by, &price.volatility) {
            (Some(to), None, None) => Course::To { usd: self.positive(to, "price.to")?, over },
            (None, Some(by), None) => {
                let percent = *by.get_ref();
                if !(percent > -100.0 && percent <= 10_000.0) {
                    let reason = format!("must be a percentage over -100, not {percent}");
                    return Err(self.at(by, "price.by", reason));
                }
                Course::By { fraction: percent / 100.0, over }
            }
            (None, None, Some(volatility)) => {
                let percent = *volatility.get_ref();
                if !(0.0..=50.0).contains(&percent) {
                    let reason = format!("must be 0 to 50 percent per minute, not {percent}");
                    return Err(self.at(volatility, "price.volatility", reason));
                }
                if let Some(over) = &price.over {
                    return Err(self.at(over, "price.over", "goes with `to` or `by` only"));
                }
                Course::Waver(percent / 100.0)
            }
            _ => {
                let reason =
                    "needs one of `to` (dollars), `by` (percent) and `volatility` (percent)";
                return Err(self.at(&price.token, "price", reason));
            }
        };
        let symbol = price.token.get_ref();
        if symbol == "*" {
            let Course::By { fraction, over: 0.0 } = course else {
                let reason = "may be `*` for a fall or rise `by` a percentage at once only";
                return Err(self.at(&price.token, "price.token", reason));
            };
            acts.push((at, Act::Shock(fraction)));
            return Ok(());
        }
        let quoted = Quoted::named(symbol).ok_or_else(|| {
            let reason = format!("is `{symbol}`: choose one of {}, or `*`", Quoted::names());
            self.at(&price.token, "price.token", reason)
        })?;
        prices.push((quoted, Turn { at: at as f64 / 1_000.0, course }));
        Ok(())
    }

    fn deed(&self, deed: &Deed, vaults: &[VaultPlan]) -> Result<(i64, Act), ScriptError> {
        let id = deed.vault.get_ref();
        let vault = vaults.iter().position(|vault| vault.id == *id).ok_or_else(|| {
            let reason = format!("is `{id}`, and no [[vault]] has that id");
            self.at(&deed.vault, "act.vault", reason)
        })?;
        let deals = [
            (&deed.repay, "act.repay"),
            (&deed.borrow, "act.borrow"),
            (&deed.deposit, "act.deposit"),
            (&deed.withdraw, "act.withdraw"),
        ];
        let given = deals.into_iter().filter_map(|(value, name)| Some((value.as_ref()?, name)));
        let mut given = given.map(|(value, name)| self.positive(value, name).map(|n| (n, name)));
        match (given.next(), given.next()) {
            (Some(amount), None) => {
                let deal = match amount? {
                    (amount, "act.repay") => Deal::Repay(amount),
                    (amount, "act.borrow") => Deal::Borrow(amount),
                    (amount, "act.deposit") => Deal::Deposit(amount),
                    (amount, _) => Deal::Withdraw(amount),
                };
                Ok((deed.at.get_ref().millis(), Act::Deal { vault, deal }))
            }
            _ => {
                let reason = "needs one of `repay`, `borrow`, `deposit` and `withdraw`";
                Err(self.at(&deed.vault, "act", reason))
            }
        }
    }

    fn trouble(
        &self,
        trouble: &Trouble,
        cues: &mut Vec<Cue>,
        acts: &mut Vec<(i64, Act)>,
    ) -> Result<(), ScriptError> {
        let at = trouble.at.get_ref().millis();
        let kind = *trouble.kind.get_ref();
        self.fits(trouble, kind)?;
        let missing = |field: &str, why: &str| {
            self.at(&trouble.kind, &format!("fault.{field}"), format!("is missing: {why}"))
        };
        let until = || -> Result<i64, ScriptError> {
            let time = trouble.time.as_ref();
            let time =
                time.ok_or_else(|| missing("for", "say how long it lasts, as in \"20s\""))?;
            Ok(at.saturating_add(time.get_ref().millis()))
        };
        let count = || match &trouble.count {
            None => Ok(1),
            Some(count) if (1..=player::MOST_AT_ONCE).contains(count.get_ref()) => {
                Ok(*count.get_ref())
            }
            Some(count) => {
                let reason = format!("must be from 1 to {}", player::MOST_AT_ONCE);
                Err(self.at(count, "fault.count", reason))
            }
        };
        let types = match &trouble.types {
            None => Types(vec![SmolStr::new_static("*")]),
            Some(types) if types.get_ref().is_empty() => {
                let reason = "must not be empty; without it, it is about all types";
                return Err(self.at(types, "fault.types", reason));
            }
            Some(types) => Types(types.get_ref().clone()),
        };
        let fault = match kind {
            Kind::Silence => Fault::Silence { until: until()?, types },
            Kind::Late => {
                let by = trouble.by.as_ref().map(|by| by.get_ref().millis());
                let by = by.ok_or_else(|| missing("by", "say how late, as in \"6s\""))?;
                Fault::Late { until: until()?, by, types }
            }
            Kind::Burst => {
                acts.push((at, Act::Burst(count()?)));
                return Ok(());
            }
            Kind::Duplicate => Fault::Duplicate { count: count()? as usize },
            Kind::MalformedFrame => Fault::MalformedFrame { count: count()? },
            Kind::MalformedData => Fault::MalformedData { count: count()? },
            Kind::Disconnect => Fault::Outage(Outage::Disconnect),
            Kind::Restart => {
                let down = trouble.time.as_ref().map_or(Lapse::default(), |time| *time.get_ref());
                Fault::Outage(Outage::Restart { down: down.0 })
            }
        };
        cues.push(Cue { at, fault });
        Ok(())
    }

    /// What means nothing for this kind of fault is a mistake rather than something to ignore.
    fn fits(&self, trouble: &Trouble, kind: Kind) -> Result<(), ScriptError> {
        let lasts = matches!(kind, Kind::Silence | Kind::Late);
        let counts = matches!(
            kind,
            Kind::Burst | Kind::Duplicate | Kind::MalformedFrame | Kind::MalformedData
        );
        let stray = [
            (trouble.time.as_ref().map(Spanned::span), "for", lasts || kind == Kind::Restart),
            (trouble.by.as_ref().map(Spanned::span), "by", kind == Kind::Late),
            (trouble.types.as_ref().map(Spanned::span), "types", lasts),
            (trouble.count.as_ref().map(Spanned::span), "count", counts),
        ];
        for (span, field, fits) in stray {
            if let Some(span) = span
                && !fits
            {
                let reason = format!("means nothing for a fault of kind {kind:?}");
                return Err(self.fault(span.start, &format!("fault.{field}"), reason));
            }
        }
        Ok(())
    }
}
