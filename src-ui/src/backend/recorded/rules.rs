//! Rules without a file: checked and played by the same code as the shell's, over a past that is made up.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use alerts::Policy;
use alerts::rule::{DryRun, RuleBook};
use domain::market::Market;
use domain::rules::{Number, RuleOptions, RulesEdit, RulesOptions};
use domain::solvency::Limit;
use domain::vault::{Holding, Reported};
use domain::view::{
    DryRunAnswer, DryRunOf, DryRunQuery, DryRunView, FaultView, HistoryQuery, RulesAnswer,
    RulesView, VaultRow,
};
use domain::{ChainId, Figure, Percent, UnixMillis, Usd, Vault, Yardstick};
use rust_decimal::Decimal;

use super::history::history;
use crate::backend::{Answer, BackendError};
use crate::{clock, words};

/// What the recorded file says.
pub(super) struct Rules {
    options: RulesOptions,
    before: Option<RulesOptions>,
    revision: u32,
}

fn rule(name: &str, metric: &str, when: &str) -> RuleOptions {
    RuleOptions {
        name: name.into(),
        metric: metric.into(),
        when: Some(when.into()),
        ..RuleOptions::default()
    }
}

impl Default for Rules {
    fn default() -> Self {
        let mut drop = rule("weth-drop", "price", "below");
        drop.token = Some("WETH".into());
        drop.change = Some("percent".into());
        drop.over = Some("30m".into());
        (drop.enter, drop.severity) = (Some(Number::new("-10")), Some("critical".into()));
        let mut treasury = rule("treasury-room", "room", "below");
        (treasury.enter, treasury.exit) = (Some(Number::new("30")), Some(Number::new("33")));
        treasury.severity = Some("medium".into());
        treasury.scope.labels = vec!["treasury".into()];
        treasury.note = Some("Ask Ada before repaying.".to_owned());
        let mut ltv = rule("ltv-ladder", "ltv", "above");
        ltv.enabled = Some(false);
        ltv.levels = [("high", "74"), ("critical", "78")]
            .map(|(level, enter)| {
                let enter = Number::new(enter);
                (level.into(), domain::rules::LevelOptions { enter, ..Default::default() })
            })
            .into();
        let mut depeg = rule("usdc-depeg", "depeg", "above");
        depeg.token = Some("USDC".into());
        depeg.hold = Some("5m".into());
        (depeg.enter, depeg.exit) = (Some(Number::new("0.3")), Some(Number::new("0.2")));
        depeg.severity = Some("medium".into());
        let policy = domain::rules::PolicyOptions {
            token: Some("WETH".into()),
            hold: [("high".into(), "5s".into())].into(),
            ..Default::default()
        };
        let options = RulesOptions {
            labels: [("treasury".into(), vec!["ETH-0*".into(), "ARB-203".into()])].into(),
            policy: vec![policy],
            rule: vec![drop, treasury, ltv, depeg],
        };
        Self { options, before: None, revision: 1 }
    }
}

type Shared = Rc<RefCell<Rules>>;

impl Rules {
    fn view(&self) -> RulesView {
        RulesView {
            options: self.options.clone(),
            revision: self.revision.to_string(),
            path: "/home/you/.config/vaultwatch/config.toml".to_owned(),
            locked: None,
            undo: self.before.is_some(),
        }
    }
}

fn book(options: &RulesOptions) -> Result<RuleBook, Vec<FaultView>> {
    RuleBook::new(options, Policy::default(), "demo").map_err(|faults| {
        let fault = |error: alerts::rule::RuleError| FaultView {
            entry: error.entry,
            field: error.field,
            reason: error.fault.to_string(),
        };
        faults.into_iter().map(fault).collect()
    })
}

fn gone(command: &'static str) -> BackendError {
    let reason = "what was to be changed is not there any more".to_owned();
    BackendError::Refused { command, reason }
}

pub(super) fn view(rules: &Shared) -> Answer<RulesView> {
    let view = rules.borrow().view();
    Box::pin(async move { Ok(view) })
}

pub(super) fn check(rules: &Shared, edit: &RulesEdit) -> Answer<Vec<FaultView>> {
    let options = edit.applied(&rules.borrow().options);
    Box::pin(async move {
        let options = options.ok_or_else(|| gone("check_rules"))?;
        Ok(book(&options).err().unwrap_or_default())
    })
}

pub(super) fn change(rules: &Shared, revision: &str, edit: &RulesEdit) -> Answer<RulesAnswer> {
    let mut now = rules.borrow_mut();
    let answer = if revision != now.revision.to_string() {
        Ok(RulesAnswer::Outdated(now.view()))
    } else {
        match edit.applied(&now.options) {
            None => Err(gone("change_rules")),
            Some(options) => match book(&options) {
                Err(faults) => Ok(RulesAnswer::Faulty(faults)),
                Ok(_) => {
                    now.before = Some(std::mem::replace(&mut now.options, options));
                    now.revision += 1;
                    Ok(RulesAnswer::Saved(now.view()))
                }
            },
        }
    };
    Box::pin(async move { answer })
}

pub(super) fn undo(rules: &Shared) -> Answer<RulesView> {
    let mut now = rules.borrow_mut();
    let answer = match now.before.take() {
        Some(before) => {
            now.options = before;
            now.revision += 1;
            Ok(now.view())
        }
        None => Err(gone("undo_rules")),
    };
    Box::pin(async move { answer })
}

pub(super) fn dry_run(
    rules: &Shared,
    rows: &BTreeMap<String, VaultRow>,
    query: DryRunQuery,
) -> Answer<DryRunAnswer> {
    let (at, mut rule) = match query.what {
        DryRunOf::Rule { at, rule } => (at, *rule),
        DryRunOf::BuiltIn(vault) => {
            let mut rule = rule("built-in", "room", "below");
            rule.scope.vaults = vec![vault.as_str().into()];
            let enter = Yardstick::Room.threshold(domain::Level::Critical).unwrap_or_default();
            (rule.enter, rule.severity) =
                (Some(Number::new(&enter.to_string())), Some("critical".into()));
            rule.exit = Some(Number::new(&(enter + Decimal::TWO).to_string()));
            (None, rule)
        }
    };
    rule.enabled = None;
    let name = rule.name.clone();
    let edit = RulesEdit::PutRule { at, rule: Box::new(rule) };
    let options = edit.applied(&rules.borrow().options);
    let Some(options) = options else {
        return Box::pin(async { Err(gone("dry_run_rule")) });
    };
    let answer = match book(&options) {
        Err(faults) => DryRunAnswer::Faulty(faults),
        Ok(book) => DryRunAnswer::Report(play(book.only(&name), rows, query.hours)),
    };
    Box::pin(async move { Ok(answer) })
}

/// Plays the book over the past of the first vaults.
fn play(book: RuleBook, rows: &BTreeMap<String, VaultRow>, hours: u32) -> DryRunView {
    let to = clock::now();
    let from = UnixMillis(to.0 - i64::from(hours) * 3_600_000);
    let mut points = Vec::new();
    for row in rows.values().take(60) {
        let query = HistoryQuery {
            vault: row.id.clone(),
            figures: vec![Figure::Ltv],
            from,
            to,
            points: 720,
        };
        for series in history(&query, row).series {
            if let domain::view::SeriesView::Ltv(all) = series {
                points.extend(all.into_iter().map(|point| (point.at, row, point.last)));
            }
        }
    }
    points.sort_by_key(|(at, row, _)| (*at, row.id.clone()));
    let mut run = DryRun::new(book).speaking(words::language());
    let mut market = Market::unknown(ChainId(1));
    let mut told = from.0;
    for (at, row, ltv) in points {
        if at.0 >= told {
            told = at.0 + 600_000;
            trade(&mut market, at, (from, to));
            run.market(at, &market);
        }
        run.update(at, &row.id, |vault| know(vault, row, ltv));
    }
    run.finish(to).view(from, to)
}

/// A stablecoin that falls off its peg twice, and a price that breaks in once.
fn trade(market: &mut Market, at: UnixMillis, (from, to): (UnixMillis, UnixMillis)) {
    let share = (at.0 - from.0) * 100 / (to.0 - from.0).max(1);
    let usdc = if matches!(share, 20..24 | 96..) { 9_962 } else { 9_998 };
    let weth = if share == 70 { 169_000 } else { 193_600 };
    market.price_feeds.insert("USDC".into(), Usd(Decimal::new(usdc, 4)));
    market.price_feeds.insert("WETH".into(), Usd(Decimal::new(weth, 2)));
}

fn know(vault: &mut Vault, row: &VaultRow, ltv: Percent) {
    vault.chain_id = row.chain_id;
    vault.max_ltv = row.max_ltv;
    vault.ltv = Some(Reported::Current(ltv));
    if let Some(Limit::LiquidationThreshold(limit)) = row.limit {
        vault.liquidation_threshold = Some(limit);
    }
    let holding = |token: &str| Holding { token: token.into(), ..Holding::default() };
    vault.collateral = Some(row.tokens.split(", ").map(holding).collect());
}
