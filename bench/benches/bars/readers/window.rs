use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use bench::frames::ltv;
use bench::process::Process;
use domain::solvency::Solvency;
use domain::view::{Freshness, Mode, TickBatch, TickKind, VaultRow};
use domain::{Level, UnixMillis, Vault, VaultId};
use monitor::{Observed, Options, Shell, TickSink};
use serde_json::json;
use store::Store;

use crate::runtime;

/// How long the next message and the last values may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often it is looked whether all last values are there: as often as batches come. A look takes up to a tenth of a
/// millisecond, which counts as CPU of what is measured; so what was there once is not looked for again.
const LOOK_EVERY: Duration = Duration::from_millis(33);

/// The whole monitor with a window, which gets the newest values in batches or each update as it comes.
pub(super) fn run(way: &str, url: &str, messages: u64, vaults: usize) -> Result<()> {
    let report = runtime()?.block_on(watch(way == "conflated", url, messages, vaults))?;
    println!("{report}");
    Ok(())
}

async fn watch(
    conflated: bool,
    url: &str,
    messages: u64,
    vaults: usize,
) -> Result<serde_json::Value> {
    let page = Arc::new(Mutex::new(Page::default()));
    let options = Options::new(Mode::Profile("bench".to_owned()), realtime::Options::new(url));
    let shell: Arc<dyn Shell> =
        if conflated { Arc::new(Quiet) } else { Arc::new(EveryUpdate(Arc::clone(&page))) };
    let monitor = monitor::start(options, Store::in_memory()?, shell).await?;
    if conflated {
        let (page, window) = (Arc::clone(&page), monitor.clone());
        let sink: TickSink = Arc::new(move |batch| {
            receive(&page, &batch);
            window.acknowledge_batch(batch.seq);
        });
        monitor.attach(sink).await.context("the monitor runs")?;
    }
    while monitor.statistics().await.messages == 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let (begun, cpu) = (Instant::now(), Process::own().cpu()?);
    let mut progress = (0, Instant::now());
    loop {
        let read = monitor.statistics().await.messages;
        if read >= messages {
            break;
        }
        if read > progress.0 {
            progress = (read, Instant::now());
        }
        // The feeder takes one connection: who lost it, because the machine stood still for a while, gets no more.
        ensure!(progress.1.elapsed() < PATIENCE, "only {read} of {messages} messages came");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let all_in = Instant::now();
    let mut missing = last_values(messages as usize, vaults);
    loop {
        page.lock().unwrap_or_else(PoisonError::into_inner).take_from(&mut missing);
        if missing.is_empty() || all_in.elapsed() > PATIENCE {
            break;
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    let cpu = Process::own().cpu()?.saturating_sub(cpu);
    let page = page.lock().unwrap_or_else(PoisonError::into_inner);
    Ok(json!({
        "batches": page.batches,
        "values": page.values,
        "bytes": page.bytes,
        "seconds": begun.elapsed().as_secs_f64(),
        "cpuSeconds": cpu.as_secs_f64(),
        "settledMs": all_in.elapsed().as_secs_f64() * 1_000.0,
        "missing": missing.len(),
    }))
}

/// What the window knows.
#[derive(Default)]
struct Page {
    batches: u64,
    values: u64,
    bytes: u64,
    ltv: HashMap<VaultId, String>,
}

impl Page {
    /// Leaves those that are not here yet. No update follows a last value, so what is here stays.
    fn take_from(&self, missing: &mut Vec<(VaultId, String)>) {
        missing.retain(|(id, ltv)| self.ltv.get(id) != Some(ltv));
    }
}

fn receive(page: &Mutex<Page>, batch: &TickBatch) {
    // As the bridge does it.
    let json = serde_json::to_string(batch).expect("a batch is plain data");
    let mut page = page.lock().unwrap_or_else(PoisonError::into_inner);
    page.batches += 1;
    page.values += batch.vaults.len() as u64;
    page.bytes += json.len() as u64;
    for row in &batch.vaults {
        let Some(ltv) = row.ltv else { continue };
        let ltv = format!("{:.2}", ltv.0);
        match page.ltv.get_mut(&row.id) {
            Some(known) => *known = ltv,
            None => _ = page.ltv.insert(row.id.clone(), ltv),
        }
    }
}

fn last_values(messages: usize, vaults: usize) -> Vec<(VaultId, String)> {
    let last = messages.saturating_sub(vaults)..messages;
    last.filter_map(|i| {
        let id = VaultId::new(&format!("ETH-{:04}", i % vaults)).ok()?;
        Some((id, format!("{:.2}", ltv(i, vaults))))
    })
    .collect()
}

struct Quiet;

impl Shell for Quiet {}

/// Without the monitor's window: every update is a batch.
struct EveryUpdate(Arc<Mutex<Page>>);

impl Shell for EveryUpdate {
    fn observe(&self, observed: Observed<'_>) {
        let Observed::Vault { vault, level } = observed else { return };
        let batch = TickBatch {
            seq: 1,
            kind: TickKind::Update,
            vaults: vec![row(vault, level)],
            markets: Vec::new(),
            totals: None,
        };
        receive(&self.0, &batch);
    }
}

/// What the monitor's board makes of a vault.
fn row(vault: &Vault, level: Option<Level>) -> VaultRow {
    let solvency = Solvency::of(vault);
    VaultRow {
        id: vault.id.clone(),
        name: vault.name.clone(),
        tokens: "".into(),
        chain_id: vault.chain_id,
        status: vault.status,
        level,
        freshness: Freshness::Live,
        received: UnixMillis(1_763_800_000_000),
        room: solvency.room,
        health: solvency.health,
        ltv: solvency.ltv,
        max_ltv: vault.max_ltv,
        limit: solvency.limit,
        liquidation_price: solvency.liquidation_price,
        collateral: solvency.collateral,
        debt: solvency.debt,
        cure: solvency.cure.map(|cure| cure.repay.usd),
    }
}
