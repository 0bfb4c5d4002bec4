//! The application as it is shipped, through a day's worth of what happens to a program in the tray: its window is opened
//! and closed, its feed fails, its machine sleeps, notification service and panel are started anew, vaults fall and
//! recover. Between the rounds it is looked at: memory, handles and threads have to stay where they were.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, Result, anyhow, ensure};
use bench::Series;
use bench::process::Process;
use e2e::Desktop;
use e2e::feed::Feed;
use e2e::fixtures::Vault;
use e2e::notifications::Notifications;
use e2e::patience::until;
use e2e::tray::{Host, Tray, TrayItem};
use e2e::windows::WindowState;
use proving::machine::{self, Bus, Logind};
use serde_json::{Value, json};

const TITLE: &str = "VaultWatch";
const VAULTS: usize = 40;
/// What the notification center keeps at the most, and a few more: what is kept for good is there from the start, and does
/// not look like a leak.
const KEPT: usize = 5_200;
/// Of them, as many at once.
const AT_ONCE: usize = 50;
const BETWEEN: Duration = Duration::from_millis(25);
/// Rounds at the least, however little time there is.
const LEAST: usize = 8;
/// From the last thing that happens to the look at it.
const REST: Duration = Duration::from_secs(3);
/// Each step of a round gives up sooner; one that takes longer hangs where nothing is waited for.
const ROUND: Duration = Duration::from_secs(600);
/// A service is started anew in every so many rounds.
const SERVICE: usize = 4;
const PANEL: usize = 6;
/// How much more there may be in the last third of the rounds than in the second.
const MEMORY: f64 = 1.05;
const HANDLES: f64 = 2.0;

/// Rounds for so long.
///
/// # Errors
/// The application did not do what it is for; that something grew is told in the report.
pub(crate) fn soak(minutes: u64) -> Result<(Value, bool)> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    runtime.block_on(rounds(Duration::from_secs(60 * minutes)))
}

async fn rounds(during: Duration) -> Result<(Value, bool)> {
    let desktop = Desktop::start().await?;
    let bus = Bus::start();
    desktop.session().set_env(machine::VARIABLE, &bus.address());
    let logind = Logind::serve(&bus).await;
    let mut around = Around {
        tray: Some(Tray::serve(&desktop, Host::Present).await?),
        notifications: Some(Notifications::serve(&desktop).await?),
        feed: Feed::start().await?,
        logind,
        desktop,
    };
    let greeting: Vec<_> = (0..VAULTS).map(|n| Vault::calm(&format!("V-{n:02}"))).collect();
    around.feed.greet_with(&greeting.iter().map(Vault::envelope).collect::<Vec<_>>());
    let mut app = App::start(&around)?;
    around.feed.wait_for_connections(1).await?;
    around.fill().await?;
    let mut found = Found::default();
    let begun = Instant::now();
    let mut round = 0;
    while round < LEAST || begun.elapsed() < during {
        round += 1;
        let done = tokio::time::timeout(ROUND, around.round(round)).await;
        let done = done.unwrap_or_else(|_| Err(anyhow!("it hangs: {ROUND:?} are over")));
        // Whatever was waited for in vain then, this is why.
        app.ensure_running(round)?;
        done.with_context(|| format!("in round {round}"))?;
        around.ensure_taken()?;
        tokio::time::sleep(REST).await;
        app.ensure_running(round)?;
        found.look(app.process())?;
        println!("round {round}: {}", found.last());
    }
    let mut report = found.judged();
    report["rounds"] = json!(round);
    report["seconds"] = json!(begun.elapsed().as_secs());
    let flat = report["flat"] == true;
    Ok((report, flat))
}

struct App(Child);

impl App {
    fn start(around: &Around) -> Result<Self> {
        let folder = around.desktop.session().path("app");
        let log = around.desktop.session().log("vaultwatch")?;
        let mut command: Command = around.desktop.command(shipped()?);
        command.args(["--hidden", "--url", &around.feed.url(), "--data-dir"]).arg(folder);
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        Ok(Self(command.spawn()?))
    }

    fn ensure_running(&mut self, round: usize) -> Result<()> {
        match self.0.try_wait()? {
            Some(status) => anyhow::bail!("the application has ended in round {round}: {status}"),
            None => Ok(()),
        }
    }

    fn process(&self) -> Process {
        Process::of(self.0.id())
    }
}

impl Drop for App {
    fn drop(&mut self) {
        // It may have ended; then there is nothing to end.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The release, which lies two folders above this program.
fn shipped() -> Result<PathBuf> {
    let own = std::env::current_exe()?;
    let folder = own.parent().and_then(Path::parent).context("this program lies in a folder")?;
    let path = folder.join("vaultwatch");
    ensure!(path.is_file(), "vaultwatch is not built: `cargo xtask soak` builds it first");
    Ok(path)
}

/// Everything the application has to do with.
struct Around {
    desktop: Desktop,
    tray: Option<Tray>,
    notifications: Option<Notifications>,
    feed: Feed,
    logind: Logind,
}

impl Around {
    /// Has the platform tell as much as is kept.
    async fn fill(&self) -> Result<()> {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?.as_millis();
        for number in 0..KEPT {
            let alert = json!({
                "type": "risk_alert",
                "timestamp": u64::try_from(now)?,
                "data": {
                    "id": format!("kept-{number}"),
                    "vaultId": format!("K-{number}"),
                    "severity": "LOW",
                    "message": format!("K-{number} is told of, and kept"),
                },
            });
            self.feed.send_raw(&alert.to_string())?;
            if number % AT_ONCE == 0 {
                tokio::time::sleep(BETWEEN).await;
            }
        }
        Ok(())
    }

    /// What was sent was no nonsense: else nothing is kept, and the round proves nothing.
    fn ensure_taken(&self) -> Result<()> {
        let log = self.desktop.session().path("logs").join("vaultwatch.log");
        let log = std::fs::read_to_string(log)?;
        let dropped = log.lines().find(|line| line.contains("an invalid message was dropped"));
        ensure!(dropped.is_none(), "the application did not understand: {dropped:?}");
        Ok(())
    }

    async fn round(&mut self, round: usize) -> Result<()> {
        let item = TrayItem::only(&self.desktop).await?;
        item.activate().await?;
        let window = self.desktop.windows().wait_for(TITLE, WindowState::Shown).await?;
        self.fall_and_recover(round).await?;
        self.desktop.windows().close(&window)?;
        self.desktop.windows().wait_for_none(TITLE).await?;
        self.reconnected(async |feed| feed.cut()).await?;
        self.logind.sleep().await;
        let before = self.feed.connections();
        self.feed.cut()?;
        self.logind.wake().await;
        self.feed.wait_for_connections(before + 1).await?;
        if round.is_multiple_of(2) {
            self.reconnected(async |feed| feed.restart().await).await?;
        }
        if round.is_multiple_of(SERVICE)
            && let Some(service) = self.notifications.take()
        {
            service.crash().await?;
            self.gone("org.freedesktop.Notifications").await?;
            self.notifications = Some(Notifications::serve(&self.desktop).await?);
        }
        if round.is_multiple_of(PANEL)
            && let Some(tray) = self.tray.take()
        {
            tray.leave().await?;
            self.gone("org.kde.StatusNotifierWatcher").await?;
            self.tray = Some(Tray::serve(&self.desktop, Host::Present).await?);
            TrayItem::only(&self.desktop).await?;
        }
        Ok(())
    }

    /// An alert from its first moment to its end, with a window that sees it.
    async fn fall_and_recover(&mut self, round: usize) -> Result<()> {
        let id = format!("V-{:02}", round % VAULTS);
        let shown = self.notifications.as_ref().map_or(0, |service| service.shown().len());
        self.feed.send_vault(&Vault::critical(&id))?;
        if let Some(service) = &self.notifications {
            until("the alert", async || Ok((service.shown().len() > shown).then_some(()))).await?;
        }
        self.feed.send_vault(&Vault::calm(&id))?;
        Ok(())
    }

    async fn reconnected(
        &mut self,
        fault: impl AsyncFnOnce(&mut Feed) -> Result<()>,
    ) -> Result<()> {
        let before = self.feed.connections();
        fault(&mut self.feed).await?;
        self.feed.wait_for_connections(before + 1).await
    }

    async fn gone(&self, name: &str) -> Result<()> {
        until("a service to be gone", async || {
            Ok((!self.desktop.bus_name_is_owned(name).await?).then_some(()))
        })
        .await
    }
}

/// What the application had after each round.
struct Found {
    memory: Series,
    own: Series,
    threads: Series,
    handles: Series,
    processes: Series,
}

impl Default for Found {
    fn default() -> Self {
        Self {
            memory: Series::new("resident memory", "MB"),
            own: Series::new("own memory", "MB"),
            threads: Series::new("threads", "threads"),
            handles: Series::new("handles", "handles"),
            processes: Series::new("processes", "processes"),
        }
    }
}

impl Found {
    fn look(&mut self, app: Process) -> Result<()> {
        self.memory.push(app.resident()? as f64 / 1e6);
        self.own.push(app.anonymous()? as f64 / 1e6);
        self.threads.push(app.threads()? as f64);
        self.handles.push(app.handles()? as f64);
        self.processes.push(app.tree().len() as f64);
        Ok(())
    }

    fn last(&self) -> String {
        let last = |series: &Series| series.values.last().copied().unwrap_or(f64::NAN);
        format!(
            "{:.1} MB resident, {:.1} MB of its own, {} threads, {} handles, {} processes",
            last(&self.memory),
            last(&self.own),
            last(&self.threads),
            last(&self.handles),
            last(&self.processes)
        )
    }

    /// The first third is for getting used to it.
    fn judged(&self) -> Value {
        let parts = |series: &Series| {
            let third = series.values.len() / 3;
            let part = |range: std::ops::Range<usize>| {
                Series { values: series.values[range].to_vec(), ..series.clone() }.median()
            };
            (part(third..2 * third), part(2 * third..series.values.len()))
        };
        let all = [&self.memory, &self.own, &self.threads, &self.handles, &self.processes];
        let grown = |series: &Series| {
            let (before, after) = parts(series);
            match series.unit {
                "MB" => after > before * MEMORY,
                "processes" => series.highest() > 1.0,
                _ => after > before + HANDLES,
            }
        };
        let told: Vec<Value> = all
            .iter()
            .map(|series| {
                let (before, after) = parts(series);
                json!({
                    "name": series.name,
                    "unit": series.unit,
                    "secondThird": before,
                    "lastThird": after,
                    "grown": grown(series),
                    "values": series.values,
                })
            })
            .collect();
        json!({ "flat": !all.iter().any(|series| grown(series)), "series": told })
    }
}
