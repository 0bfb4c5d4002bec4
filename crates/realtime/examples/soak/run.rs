//! A client of `vaultwatch.v1` behind a network that breaks all the time: is anything lost or doubled?

use std::collections::BTreeMap;
use std::error::Error;
use std::time::Duration;

use futures_util::FutureExt;
use realtime::testing::{FaultPlan, FaultProxy, LogServer};
use realtime::wire::{Message, UnixMillis};
use realtime::{Handle, Inbound, Messages, Offer, Options, Outcome};
use serde::Serialize;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

/// Between two messages, in each direction.
const PACE: Duration = Duration::from_millis(5);
/// For what is left when the network is calm again.
const PATIENCE: Duration = Duration::from_secs(120);

/// How much the process may grow in a full run, from a tenth of the faults to the end.
///
/// What is kept on purpose comes to about 5 MiB: the client's memory of ids, of which a tenth of 65,536 are there when
/// it begins and all at the end (some 64 bytes each, 4 MiB), the proxy's list of its faults (1 MiB at most), and three
/// bytes for each message counted here. 4 MiB were measured. A client that kept a KiB for each of its 5,000 connections,
/// or 64 bytes for each of 150,000 messages, would be beyond this.
const MAY_GROW_KIB: u64 = 8 * 1_024;

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SoakReport {
    pub(crate) seed: u64,
    pub(crate) faults: usize,
    pub(crate) faults_by_kind: BTreeMap<String, usize>,
    pub(crate) connections: u64,
    /// By the server.
    pub(crate) sent: u64,
    /// To the reader, each one counted as often as it came.
    pub(crate) delivered: u64,
    pub(crate) lost: u64,
    pub(crate) doubled: u64,
    /// Delivered behind one with a higher number.
    pub(crate) disordered: u64,
    /// By the client.
    pub(crate) published: u64,
    pub(crate) acknowledged: u64,
    /// Acknowledged and not in the log.
    pub(crate) publishes_lost: u64,
    pub(crate) publishes_doubled: u64,
    pub(crate) outcomes: BTreeMap<String, u64>,
    pub(crate) seconds: f64,
    /// Resident memory of this process, server and proxy included, after a tenth of the faults and at the end.
    pub(crate) rss_early_kib: Option<u64>,
    pub(crate) rss_end_kib: Option<u64>,
}

impl SoakReport {
    /// What must not be: anything lost, doubled or out of order, or a publish without its acknowledgement.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let counts = [
            ("lost", self.lost),
            ("doubled", self.doubled),
            ("out of order", self.disordered),
            ("acknowledged and not stored", self.publishes_lost),
            ("stored twice", self.publishes_doubled),
            ("not acknowledged", self.published.abs_diff(self.acknowledged)),
        ];
        let wrong = counts.into_iter().filter(|(_, count)| *count > 0);
        wrong.map(|(what, count)| format!("{count} messages were {what}")).collect()
    }

    /// Growth beyond what is kept on purpose. For a process that does nothing else, where the system tells its size.
    pub(crate) fn growth_complaint(&self) -> Option<String> {
        let grown = self.rss_end_kib?.saturating_sub(self.rss_early_kib?);
        (grown > MAY_GROW_KIB).then(|| {
            format!("memory grew by {grown} KiB, of which {MAY_GROW_KIB} are accounted for")
        })
    }
}

pub(crate) async fn soak(faults: usize, seed: u64) -> Result<SoakReport, Box<dyn Error>> {
    let begun = Instant::now();
    let server = LogServer::start().await?;
    let plan = FaultPlan::random(seed).every(0..8 * 1_024).within(Duration::from_millis(200));
    let proxy = FaultProxy::start(server.address(), plan).await?;
    proxy.calm();
    // Everything as short as may be: a black hole should cost a moment, not 25 s.
    let quick = Options {
        protocol: Offer::V1,
        reconnect_interval: Duration::from_millis(10),
        reconnect_cap: Duration::from_millis(50),
        first_retry_within: Duration::from_millis(10),
        suspend_after: Duration::from_secs(24 * 3_600),
        heartbeat_interval: Duration::from_millis(100),
        heartbeat_grace: Duration::from_millis(150),
        connect_timeout: Duration::from_millis(1_000),
        close_timeout: Duration::from_millis(50),
        queue_messages: 100_000,
        queue_bytes: 256 << 20,
        drain_rate: 100_000,
        drain_burst: 100_000,
        dedup_ids: 1 << 16,
        ..Options::new(format!("ws://{}/", proxy.address()))
    };
    let (handle, messages) = realtime::open(quick.validate()?);
    handle.connect()?;
    // From here on the client has a position: whatever is published now has to arrive.
    handle.connected().await?;
    server.is_followed_by(1).await;
    proxy.resume();

    let mut report = SoakReport { seed, ..SoakReport::default() };
    let mut count = Count { handle: &handle, messages, seen: Vec::new(), last: None };
    let mut tick = interval(PACE);
    // What was missed while the machine was busy is not made up for: the faults are the measure, not the time.
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut outcomes = Outcomes::default();
    while proxy.faults() < faults {
        tokio::select! {
            _ = tick.tick() => {
                server.publish("down", &report.sent, Some(&format!("down-{}", report.sent)));
                report.sent += 1;
                outcomes.publish(&handle, &mut report)?;
                if report.rss_early_kib.is_none() && proxy.faults() >= faults / 10 {
                    report.rss_early_kib = resident_kib();
                }
            }
            () = count.one_delivery(&mut report) => {}
        }
        outcomes.settle(&server, &mut report);
    }
    report.rss_end_kib = resident_kib();
    report.faults = proxy.faults();
    for event in proxy.log() {
        let json = serde_json::to_value(&event)?;
        *report
            .faults_by_kind
            .entry(json["fault"].as_str().unwrap_or("").to_owned())
            .or_default() += 1;
    }
    proxy.calm();
    let rest = async {
        while report.delivered < report.sent || !outcomes.under_way.is_empty() {
            tokio::select! {
                () = count.one_delivery(&mut report) => {}
                _ = tick.tick() => {}
            }
            outcomes.settle(&server, &mut report);
        }
    };
    // What is not there in time is counted as lost below.
    let _ = timeout(PATIENCE, rest).await;
    outcomes.settle(&server, &mut report);
    report.lost = report.sent - count.seen.iter().filter(|times| **times > 0).count() as u64;
    report.doubled = count.seen.iter().map(|times| u64::from(times.saturating_sub(1))).sum();
    report.publishes_lost = outcomes.lost();
    report.publishes_doubled = outcomes.doubled;
    report.connections = handle.metrics().connections;
    report.seconds = begun.elapsed().as_secs_f64();
    Ok(report)
}

/// What comes in.
struct Count<'a> {
    handle: &'a Handle,
    messages: Messages,
    /// How often each number came.
    seen: Vec<u8>,
    last: Option<u64>,
}

impl Count<'_> {
    async fn one_delivery(&mut self, report: &mut SoakReport) {
        let Some(delivery) = self.messages.recv().await else {
            panic!("the connection has ended: {:?}", self.handle.state());
        };
        for inbound in delivery.messages {
            let Inbound::Message(message) = inbound else { continue };
            if message.ty() != "down" {
                continue;
            }
            let number: u64 = message.decode().expect("the server sends numbers");
            let place = usize::try_from(number).expect("it counts from 0");
            if self.seen.len() <= place {
                self.seen.resize(place + 1, 0);
            }
            self.seen[place] = self.seen[place].saturating_add(1);
            report.delivered += 1;
            report.disordered += u64::from(self.last.is_some_and(|last| number < last));
            self.last = Some(number);
        }
    }
}

/// What goes out, and what becomes of it.
#[derive(Default)]
struct Outcomes {
    under_way: Vec<(u64, realtime::Publishing)>,
    /// Of each number: acknowledged to the client, and how often it is in the server's log.
    acknowledged: Vec<bool>,
    stored: Vec<u8>,
    read_to: u64,
    doubled: u64,
}

impl Outcomes {
    fn publish(&mut self, handle: &Handle, report: &mut SoakReport) -> Result<(), Box<dyn Error>> {
        let number = report.published;
        let message = Message::new("up", &number, UnixMillis(0), None)?;
        self.under_way.push((number, handle.publish(message)?));
        self.acknowledged.push(false);
        self.stored.push(0);
        report.published += 1;
        Ok(())
    }

    fn settle(&mut self, server: &LogServer, report: &mut SoakReport) {
        let acknowledged = &mut self.acknowledged;
        self.under_way.retain_mut(|(number, publishing)| {
            let Some(outcome) = publishing.now_or_never() else { return true };
            if let Outcome::Acknowledged { .. } = outcome {
                report.acknowledged += 1;
                acknowledged[*number as usize] = true;
            }
            let name = serde_json::to_value(&outcome).expect("it is plain data");
            let name = name["outcome"].as_str().unwrap_or("").to_owned();
            *report.outcomes.entry(name).or_default() += 1;
            false
        });
        for stored in server.log_after(self.read_to) {
            self.read_to = stored.offset;
            if stored.message.ty() == "up" {
                let number: usize = stored.message.decode().expect("the client sends numbers");
                self.doubled += u64::from(self.stored[number] > 0);
                self.stored[number] = self.stored[number].saturating_add(1);
            }
        }
    }

    fn lost(&self) -> u64 {
        let both = self.acknowledged.iter().zip(&self.stored);
        both.filter(|(acknowledged, stored)| **acknowledged && **stored == 0).count() as u64
    }
}

/// Where the system tells it.
fn resident_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().trim_end_matches("kB").trim().parse().ok()
}
