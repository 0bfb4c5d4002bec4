//! A crash of a market: 500 vaults become critical at the same moment.
//!
//! The whole monitor with a window and a store on disk, as the app has it. The vaults are known and near their limits; then
//! their updates are written to the socket in one go, and the clock stops when the window was told of the last of the 500
//! alerts. Whatever the operating system is asked to show is confirmed at once, as by one that shows it, and counted for a
//! minute.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, ensure};
use bench::cores::{Core, pin};
use bench::feeder::Feeder;
use bench::{Bar, Dialect, Frames, Limit, Report, Series};
use domain::VaultId;
use domain::view::{Mode, WindowEvent};
use monitor::{MonitorHandle, Options, OsNotification, Shell, TickSink};
use store::Store;
use tokio::sync::mpsc;

use crate::{runtime, scratch};

pub(crate) const NAME: &str = "flood";

const VAULTS: usize = 500;
const ROUNDS: usize = 5;
/// For so long it is counted how often the operating system is asked, in the last round.
const FIRST_MINUTE: Duration = Duration::from_secs(60);
/// How long all of it may take before it is given up.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) fn run() -> Result<Report> {
    let mut report =
        Report::new(NAME, "500 vaults critical at the same moment, from the socket to the center");
    let mut center = Series::new("all 500 in the center after", "ms");
    let mut told = 0;
    for round in 1..=ROUNDS {
        let watched = if round == ROUNDS { FIRST_MINUTE } else { Duration::ZERO };
        let flood = flood(watched)?;
        println!(
            "{round}: {:.0} ms, {} OS notifications",
            flood.settled * 1e3,
            flood.notifications
        );
        center.push(flood.settled * 1e3);
        told = flood.notifications;
    }
    report.bars = vec![
        Bar::of("all 500 in the center", &center, Limit::AtMost(1_000.0)),
        Bar::once(
            "OS notifications in the first minute",
            "notifications",
            told as f64,
            Limit::AtMost(4.0),
        ),
    ];
    report.series = vec![center];
    report.detail("vaults", VAULTS);
    Ok(report)
}

struct Flood {
    /// Seconds from the first byte written until the window knew of all.
    settled: f64,
    notifications: usize,
}

/// One flood, and how often the operating system is asked until `watched` has passed since.
fn flood(watched: Duration) -> Result<Flood> {
    let feeder = Feeder::bind()?;
    let url = feeder.url()?;
    let folder = tempfile::Builder::new().prefix("flood-bench").tempdir_in(scratch())?;
    let (store, _) = Store::open(&folder.path().join("vaultwatch.db"))?;
    let (go, waits) = channel();
    thread::scope(|scope| {
        let fed = scope.spawn(move || {
            pin(Core::Feeder);
            feed(&feeder, &waits)
        });
        pin(Core::Reader);
        // With whatever keeps the feeder waiting: it must not outlive what it waits for.
        let (settled, notifications) = runtime()?.block_on(async move {
            let (told, mut inbox) = mpsc::unbounded_channel();
            let (asked, monitor) = (AtomicUsize::new(0), OnceLock::new());
            let shell = Arc::new(Surroundings { told, asked, monitor });
            let options =
                Options::new(Mode::Profile("bench".to_owned()), realtime::Options::new(&*url));
            let monitor =
                monitor::start(options, store, Arc::clone(&shell) as Arc<dyn Shell>).await?;
            // Empty until now.
            let _ = shell.monitor.set(monitor.clone());
            attach(&monitor).await?;
            while monitor.statistics().await.messages < VAULTS as u64 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            go.send(()).map_err(|_| anyhow!("the feeder has ended"))?;
            let mut known = HashSet::with_capacity(VAULTS);
            let last = loop {
                let heard = tokio::time::timeout(PATIENCE, inbox.recv()).await;
                let (vault, at) = heard
                    .with_context(|| format!("{} of {VAULTS} came", known.len()))?
                    .context("the monitor has ended")?;
                known.insert(vault);
                if known.len() == VAULTS {
                    break at;
                }
            };
            tokio::time::sleep(watched).await;
            let notifications = shell.asked.load(Ordering::SeqCst);
            monitor.shutdown().await;
            anyhow::Ok((last, notifications))
        })?;
        let begun = fed.join().map_err(|_| anyhow!("the feeder panicked"))??;
        ensure!(notifications > 0, "nobody was woken");
        Ok(Flood { settled: settled.duration_since(begun).as_secs_f64(), notifications })
    })
}

/// Tells of the vaults while they are well, and of all at once when they are not; returns when that began.
fn feed(feeder: &Feeder, waits: &Receiver<()>) -> Result<Instant> {
    // Room for 17 %: the rest of the way is no jump that would have to be confirmed.
    let (well, critical) = (frames("68", 0), frames("76", 1));
    let mut fed = feeder.greet(false)?;
    fed.send(well.between(0, VAULTS))?;
    waits.recv().context("the monitor has ended")?;
    let begun = Instant::now();
    fed.send(critical.between(0, VAULTS))?;
    fed.until_gone();
    Ok(begun)
}

/// An update of each vault: of one chain and one collateral, as a falling price hits them.
fn frames(ltv: &str, turn: usize) -> Frames {
    let texts = (0..VAULTS).map(|vault| {
        format!(
            r#"{{"type":"vault_update_ETH-{vault:03}","data":{{"chainId":1,"status":"ACTIVE","collateral":[{{"token":"WETH","amount":"120","valueUSD":232320}}],"debt":[{{"token":"USDC","amount":"176500","valueUSD":176500}}],"ltv":{ltv},"maxLTV":80,"liquidationThreshold":82.5}},"timestamp":{},"id":"f-{turn}-{vault:03}"}}"#,
            1_763_800_000_000_u64 + (turn * VAULTS + vault) as u64,
        )
    });
    Frames::texts(Dialect::Plain, texts)
}

/// A window that takes each batch at once. What it gets is serialised, as the bridge does it.
async fn attach(monitor: &MonitorHandle) -> Result<()> {
    let window = monitor.clone();
    let sink: TickSink = Arc::new(move |batch| {
        let json = serde_json::to_string(&batch).expect("a batch is plain data");
        std::hint::black_box(json);
        window.acknowledge_batch(batch.seq);
    });
    monitor.attach(sink).await.context("the monitor has ended")?;
    Ok(())
}

/// Window and operating system.
struct Surroundings {
    /// Of which vault there is an alert in the center, and since when.
    told: mpsc::UnboundedSender<(VaultId, Instant)>,
    /// How often the operating system was asked to show something.
    asked: AtomicUsize,
    monitor: OnceLock<MonitorHandle>,
}

impl Shell for Surroundings {
    fn window(&self, event: &WindowEvent) {
        let json = serde_json::to_string(event).expect("an event is plain data");
        std::hint::black_box(json);
        if let WindowEvent::Notification(view) = event
            && let Some(vault) = &view.vault
        {
            // Nobody listens once all were heard of.
            let _ = self.told.send((vault.clone(), Instant::now()));
        }
    }

    fn notify(&self, notification: &OsNotification) {
        self.asked.fetch_add(1, Ordering::SeqCst);
        if let Some(monitor) = self.monitor.get() {
            monitor.delivered(notification.id);
        }
    }
}
