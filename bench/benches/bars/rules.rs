//! The user's rules: 1,000,000 updates over 10,000 vaults, each held against 20 rules.
//!
//! The updates are made before the clock starts. What is measured is a process of its own on one core; its memory is what
//! its resident pages grew by while the rules got to know the vaults.

use std::hint::black_box;
use std::process::Stdio;
use std::time::Instant;

use alerts::rule::{RuleBook, RuleWatch, RulesOptions};
use alerts::{Before, Engine, Policy};
use anyhow::{Context, Result, ensure};
use bench::cores::{Core, pin};
use bench::process::Process;
use bench::{Bar, Limit, Report, Series};
use domain::vault::{Reported, VaultPatch};
use domain::{Percent, UnixMillis, Usd, Vault, VaultId};
use serde_json::{Value, json};

use crate::role;

pub(crate) const NAME: &str = "rules";

const UPDATES: usize = 1_000_000;
const VAULTS: usize = 10_000;
const ROUNDS: usize = 5;
/// Between two updates, so that a vault is heard of every ten seconds.
const GAP: i64 = 1;

/// Twenty rules that apply to each vault: every figure of a vault, two of them by their change, ladders and single levels,
/// hours, scopes and two variants of one name.
const RULES: &str = include_str!("rules.toml");

pub(crate) fn run() -> Result<Report> {
    let mut report =
        Report::new(NAME, "1,000,000 updates over 10,000 vaults, each held against 20 rules");
    let mut rate = Series::new("rule evaluations", "1/s");
    let mut memory = Series::new("memory per vault and rule set", "bytes");
    for round in 1..=ROUNDS {
        let engine = measure("engine")?;
        let watch = measure("watch")?;
        let evaluations = figure(&engine, "evaluationsPerSecond")?;
        let bytes = figure(&watch, "bytesPerVault")?;
        println!("{round}: {evaluations:>10.0} evaluations/s   {bytes:>4.0} bytes per vault");
        rate.push(evaluations);
        memory.push(bytes);
        report.detail("engine", engine);
        report.detail("watch", watch);
    }
    report.bars = vec![
        Bar::of("rule evaluations on one core", &rate, Limit::AtLeast(1_500_000.0)),
        Bar::of("resident growth per vault and rule set", &memory, Limit::AtMost(600.0)),
    ];
    report.series = vec![rate, memory];
    report.detail("updates", UPDATES);
    report.detail("vaults", VAULTS);
    report.detail("rules", 20);
    Ok(report)
}

fn measure(what: &str) -> Result<Value> {
    pin(Core::Reader);
    let output = role("rules", &[what])?.stderr(Stdio::inherit()).output()?;
    ensure!(output.status.success(), "the {what} failed");
    let text = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(text.trim()).context("the reader prints JSON")
}

fn figure(told: &Value, name: &str) -> Result<f64> {
    told[name].as_f64().with_context(|| format!("{name}: {told}"))
}

/// What is measured: the whole engine, or the rules' part of it alone, whose memory is that of vaults and rules without
/// that of open alerts.
pub(crate) fn measured(what: &str) -> Result<()> {
    let options: RulesOptions = toml::from_str(RULES)?;
    let book = RuleBook::new(&options, Policy::default(), "bench")
        .map_err(|faults| anyhow::anyhow!("{faults:?}"))?;
    let mut vaults: Vec<Vault> = (0..VAULTS).map(vault).collect::<Result<_>>()?;
    for vault in &vaults {
        let applying = book.explain(vault).rules.iter().filter(|(_, v)| v.applies()).count();
        ensure!(applying == 20, "{applying} rules apply to {}", vault.id);
    }
    let ltvs: Vec<Percent> = (0..UPDATES).map(ltv).collect();
    let mut engine = Engine::new(Policy::default());
    let mut watch = RuleWatch::default();
    match what {
        "engine" => engine.set_rules(book),
        _ => watch.set_rules(book),
    }
    let mut effects = Vec::new();
    let mut findings = Vec::new();
    let (mut told, mut kept) = (0, 0);
    let before = Process::own().anonymous()?;
    let begun = Instant::now();
    for (n, ltv) in ltvs.iter().enumerate() {
        let vault = &mut vaults[n % VAULTS];
        let known = Before::of(vault);
        vault.ltv = Some(Reported::Current(*ltv));
        let now = UnixMillis(1_764_150_000_000 + n as i64 * GAP);
        let vault = black_box(vault);
        if what == "engine" {
            black_box(engine.vault_changed(&known, vault, now, &mut effects));
        } else {
            watch.vault_changed(vault, now, &mut findings);
        }
        told += effects.len() + findings.len();
        effects.clear();
        findings.clear();
        // As after each batch of a busy feed.
        if n % 1_000 == 0 {
            kept += engine.take_memory().len() + watch.take_memory().len();
        }
    }
    let took = begun.elapsed().as_secs_f64();
    let grown = Process::own().anonymous()?.saturating_sub(before);
    let json = json!({
        "evaluationsPerSecond": UPDATES as f64 * 20.0 / took,
        "bytesPerVault": grown as f64 / VAULTS as f64,
        "effects": told,
        "memoryWrites": kept,
        "conditionsOfRules": watch.size().1,
    });
    println!("{json}");
    Ok(())
}

/// One in a hundred is near its limit; the others are well.
fn vault(n: usize) -> Result<Vault> {
    let mut vault = Vault::unknown(VaultId::new(&format!("VAULT-{n:05}"))?);
    let chain = [1, 10, 8_453][n % 3];
    let patch = format!(
        r#"{{"chainId":{chain},"status":"ACTIVE","liquidationThreshold":"82.5","maxLTV":"80","healthFactor":"1.6",
            "collateral":[{{"token":"WETH","amount":"10.123456789","valueUSD":"20000.55"}}],
            "debt":[{{"token":"USDC","amount":"12000.25","valueUSD":"11999.17"}}]}}"#
    );
    vault.apply(serde_json::from_str::<VaultPatch>(&patch)?);
    vault.debt.iter_mut().flatten().for_each(|debt| debt.value = Some(Usd(12_000.into())));
    Ok(vault)
}

/// A walk of each vault, from dice that always fall the same.
fn ltv(n: usize) -> Percent {
    let vault = n % VAULTS;
    let dice = (n as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40;
    let middle = if vault.is_multiple_of(100) { 790_000 } else { 500_000 };
    Percent(rust_decimal::Decimal::new(middle + (dice % 20_000) as i64, 4))
}
