//! From the socket to whoever is to be alerted.
//!
//! An alert is written to a socket, alone on a quiet connection or amid 50,000 updates per second, and the clock stops when
//! the client's user holds it decoded and validated. The measure is what the machine itself needs: half a round trip of the
//! same bytes between two threads that do nothing else, at the same pace, so that both wake from the same sleep.
//!
//! The whole monitor, which judges the alert and stores it before it is shown, is measured as well; there the disk is most
//! of it.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use bench::cores::{Core, pin};
use bench::feeder::{Fed, Feeder};
use bench::pace::Pace;
use bench::plot::Curve;
use bench::{Bar, Dialect, Frames, Limit, Report, Series};
use domain::payload::Payload;
use domain::view::Mode;
use monitor::{AlertState, Observed, Shell};
use realtime::Inbound;
use store::Store;

use crate::{runtime, scratch};

pub(crate) const NAME: &str = "alert_latency";

const ROUNDS: usize = 7;
/// Alerts in a round.
const ALERTS: usize = 1_000;
/// Between two of them on a quiet connection: long enough that everybody sleeps.
const QUIET: Duration = Duration::from_millis(2);
/// Between two messages under load, and how many of them there are for each alert.
const BUSY: Duration = Duration::from_micros(20);
const UPDATES_PER_ALERT: usize = 50;
/// The monitor gets fewer: it keeps each of them.
const STORED_ALERTS: usize = 300;

pub(crate) fn run() -> Result<Report> {
    let mut report = Report::new(
        NAME,
        "an alert from socket to sink, quiet and amid 50,000 messages/s, against half a raw round trip",
    );
    let all = |name: &str| Series::new(name, "µs");
    let (mut raw, mut quiet, mut busy) = (all("raw, one way"), all("quiet"), all("50,000/s"));
    let mut p50 = Series::new("p50 quiet / p50 raw", "ratio");
    let mut p99 = Series::new("p99 at 50,000/s / p99 quiet", "ratio");
    for round in 1..=ROUNDS {
        let one_way = ping_pong()?;
        let idle = client(Load::Quiet)?;
        let loaded = client(Load::Busy)?;
        p50.push(idle.median() / one_way.median());
        p99.push(loaded.quantile(0.99) / idle.quantile(0.99));
        println!(
            "{round}: raw p50 {:.1} µs   quiet p50 {:.1} p99 {:.1}   50,000/s p50 {:.1} p99 {:.1}",
            one_way.median(),
            idle.median(),
            idle.quantile(0.99),
            loaded.median(),
            loaded.quantile(0.99)
        );
        raw.values.extend(one_way.values);
        quiet.values.extend(idle.values);
        busy.values.extend(loaded.values);
    }
    report.bars = vec![
        Bar::of("p50 quiet / p50 raw one way", &p50, Limit::AtMost(3.0)),
        Bar::of("p99 at 50,000/s / p99 quiet", &p99, Limit::AtMost(2.0)),
    ];
    let in_memory = whole_monitor(Store::in_memory()?, "monitor, store in memory")?;
    let folder = tempfile::Builder::new().prefix("alerts-bench").tempdir_in(scratch())?;
    let path = folder.path().join("vaultwatch.db");
    let on_disk = whole_monitor(Store::open(&path)?.0, "monitor, store on disk")?;
    report.curves = [&raw, &quiet, &busy, &in_memory, &on_disk].map(Curve::of).into();
    report.series = vec![p50, p99];
    report.detail("alertsPerRound", ALERTS);
    report.detail("monitorAlerts", STORED_ALERTS);
    Ok(report)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Load {
    Quiet,
    Busy,
}

/// Half of each round trip, in microseconds.
fn ping_pong() -> Result<Series> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let ball = alerts(1);
    let ball = ball.between(0, 1);
    thread::scope(|scope| {
        scope.spawn(move || -> Result<()> {
            pin(Core::Reader);
            let (mut socket, _) = listener.accept()?;
            socket.set_nodelay(true)?;
            let mut bytes = vec![0; ball.len()];
            while socket.read_exact(&mut bytes).is_ok() {
                socket.write_all(&bytes)?;
            }
            Ok(())
        });
        pin(Core::Feeder);
        let mut socket = TcpStream::connect(address)?;
        socket.set_nodelay(true)?;
        let mut bytes = vec![0; ball.len()];
        let mut series = Series::new("raw", "µs");
        let mut pace = Pace::every(QUIET);
        for _ in 0..ALERTS {
            pace.wait();
            let begun = Instant::now();
            socket.write_all(ball)?;
            socket.read_exact(&mut bytes)?;
            series.push(begun.elapsed().as_secs_f64() * 1e6 / 2.0);
        }
        Ok(series)
    })
}

/// The user of the library.
fn client(load: Load) -> Result<Series> {
    measured(load, ALERTS, "client", |url| {
        runtime()?.block_on(async {
            let (handle, mut inbound) = realtime::open(realtime::Options::new(url).validate()?);
            handle.connect()?;
            let mut heard = Vec::with_capacity(ALERTS);
            while heard.len() < ALERTS {
                let delivery = inbound.recv().await.context("the connection has ended")?;
                for inbound in delivery.messages {
                    let Inbound::Message(message) = inbound else { continue };
                    if let Ok(Payload::Alert(alert)) = Payload::of(&message) {
                        heard.push((alert.message, Instant::now()));
                    }
                }
            }
            Ok(heard)
        })
    })
}

/// The application: the alert is judged and stored first.
fn whole_monitor(store: Store, name: &str) -> Result<Series> {
    measured(Load::Quiet, STORED_ALERTS, name, |url| {
        let (told, mut inbox) = tokio::sync::mpsc::unbounded_channel();
        runtime()?.block_on(async {
            let mode = Mode::Profile("bench".to_owned());
            let options = monitor::Options::new(mode, realtime::Options::new(url));
            let monitor = monitor::start(options, store, Arc::new(Sink(told))).await?;
            let mut heard = Vec::with_capacity(STORED_ALERTS);
            while heard.len() < STORED_ALERTS {
                heard.push(inbox.recv().await.context("the monitor has ended")?);
            }
            monitor.shutdown().await;
            Ok(heard)
        })
    })
}

/// Where the monitor shows alerts.
struct Sink(tokio::sync::mpsc::UnboundedSender<Heard>);

/// What an alert said, and when it was there.
type Heard = (String, Instant);

impl Shell for Sink {
    fn observe(&self, observed: Observed<'_>) {
        if let Observed::Alert { notification, state: AlertState::Firing } = observed {
            let _ = self.0.send((notification.message.clone(), Instant::now()));
        }
    }
}

/// Microseconds from the write of each alert to where it was heard.
fn measured(
    load: Load,
    count: usize,
    name: &str,
    reader: impl FnOnce(&str) -> Result<Vec<Heard>>,
) -> Result<Series> {
    let feeder = Feeder::bind()?;
    let url = feeder.url()?;
    thread::scope(|scope| {
        let fed = scope.spawn(|| {
            pin(Core::Feeder);
            feed(feeder.greet(false)?, load, count)
        });
        pin(Core::Reader);
        let heard = reader(&url)?;
        let written = fed.join().map_err(|_| anyhow!("the feeder panicked"))??;
        let mut series = Series::new(name, "µs");
        for (message, at) in heard {
            let number = message.rsplit(' ').next().and_then(|number| number.parse().ok());
            let begun = number.and_then(|number: usize| written.get(number));
            let begun = begun.with_context(|| format!("nobody sent `{message}`"))?;
            series.push(at.duration_since(*begun).as_secs_f64() * 1e6);
        }
        Ok(series)
    })
}

/// Sends the alerts, and tells when it did.
fn feed(mut fed: Fed, load: Load, count: usize) -> Result<Vec<Instant>> {
    let alerts = alerts(count);
    let updates = Frames::updates(Dialect::Plain, UPDATES_PER_ALERT * 100, 1_000);
    let mut written = Vec::with_capacity(count);
    // The reader is there, but may not be asleep yet.
    thread::sleep(Duration::from_millis(50));
    let mut pace = Pace::every(if load == Load::Busy { BUSY } else { QUIET });
    let mut update = 0;
    for number in 0..count {
        if load == Load::Busy {
            for _ in 1..UPDATES_PER_ALERT {
                pace.wait();
                fed.send(updates.between(update, update + 1))?;
                update = (update + 1) % updates.count();
            }
        }
        pace.wait();
        written.push(Instant::now());
        fed.send(alerts.between(number, number + 1))?;
    }
    fed.until_gone();
    Ok(written)
}

/// Each about a vault of its own, so that each is news.
fn alerts(count: usize) -> Frames {
    let texts = (0..count).map(|number| {
        format!(
            r#"{{"type":"risk_alert","data":{{"vaultId":"V-{number:05}","severity":"CRITICAL","category":"PERFORMANCE","message":"Alert {number}"}},"timestamp":{},"id":"a-{number:06}"}}"#,
            1_763_800_000_000_u64 + number as u64
        )
    });
    Frames::texts(Dialect::Plain, texts)
}
