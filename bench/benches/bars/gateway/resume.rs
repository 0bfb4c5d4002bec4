//! A client that comes back: from its upgrade request until it holds the last message it missed, over a link of 20 ms each
//! way. It takes two round trips, one for the upgrade and one for `hello`; the connection itself stands before.
//!
//! A gateway on JetStream has the newest messages at hand; one that was started after they were published has read them
//! in.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use bench::cores::{Core, pin};
use bench::{Bar, Limit, Report, Series};
use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{WebSocketStream, client_async};

use super::nats::{Nats, Sync};
use super::post::Publisher;
use super::server::Server;
use super::update;
use crate::runtime;
use crate::slow_link::{SlowLink, round_trip};

pub(crate) const NAME: &str = "gateway_resume";

/// Each way.
const DELAY: Duration = Duration::from_millis(20);
const FEW: usize = 300;
const MANY: usize = 10_000;
const VAULTS: usize = 1_000;
const ROUNDS: usize = 9;
/// After this a gateway that starts finds the values kept, and need not read what was published before.
const KEPT: Duration = Duration::from_secs(35);
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) fn run() -> Result<Report> {
    let mut report = Report::new(NAME, "missed messages, until the last of them is there");
    pin(Core::Feeder);
    let nats = Nats::start(1, Sync::Default)?;
    let broker = format!("--broker={}", nats.url());
    for (name, options) in [("memory", vec![]), ("JetStream", vec![broker.as_str()])] {
        let server = Server::gateway(&options)?;
        let (mut few, mut many) = (beyond(name), all(name));
        runtime()?.block_on(async {
            for round in 1..=ROUNDS {
                let trips = 2.0 * millis(round_trip(DELAY).await?);
                few.push(millis(miss_and_resume(&server, FEW).await?) - trips);
                many.push(millis(miss_and_resume(&server, MANY).await?));
                tell(round, name, trips, &few, &many);
            }
            Ok::<_, anyhow::Error>(())
        })?;
        judge(&mut report, few, many);
    }
    let (few, many) = after_a_start(&broker)?;
    judge(&mut report, few, many);
    report.detail("delayMs", DELAY.as_millis() as u64);
    report.detail("updateBytes", update(1, VAULTS, "").len());
    Ok(report)
}

/// What a gateway does that was not there when they were published.
fn after_a_start(broker: &str) -> Result<(Series, Series)> {
    let name = "JetStream, started since";
    let (mut few, mut many) = (beyond(name), all(name));
    runtime()?.block_on(async {
        let before = Server::gateway(&[broker])?;
        let from = place(&before).await?;
        publish(&before, MANY - FEW)?;
        // Acknowledged is not yet handed out, and a place is told by what was.
        tokio::time::sleep(Duration::from_secs(1)).await;
        let late = place(&before).await?;
        publish(&before, FEW)?;
        tokio::time::sleep(KEPT).await;
        drop(before);
        let server = Server::gateway(&[broker])?;
        for round in 1..=ROUNDS {
            let trips = 2.0 * millis(round_trip(DELAY).await?);
            few.push(millis(resume(&server, &late, FEW).await?) - trips);
            many.push(millis(resume(&server, &from, MANY).await?));
            tell(round, name, trips, &few, &many);
        }
        Ok::<_, anyhow::Error>((few, many))
    })
}

fn beyond(name: &str) -> Series {
    Series::new(format!("{FEW} missed, beyond two round trips, {name}"), "ms")
}

fn all(name: &str) -> Series {
    Series::new(format!("{MANY} missed, {name}"), "ms")
}

fn judge(report: &mut Report, few: Series, many: Series) {
    report.bars.push(Bar::of(few.name.clone(), &few, Limit::AtMost(5.0)));
    report.bars.push(Bar::of(many.name.clone(), &many, Limit::AtMost(250.0)));
    report.series.extend([few, many]);
}

fn tell(round: usize, name: &str, trips: f64, few: &Series, many: &Series) {
    let last = |series: &Series| series.values.last().copied().unwrap_or(f64::NAN);
    println!(
        "{round}: {name}, two round trips {trips:.1} ms   {FEW} in {:.1} ms more   {MANY} in {:.1} ms",
        last(few),
        last(many)
    );
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}

/// Where a client is in the log.
struct Place {
    epoch: Value,
    offset: Value,
}

/// Where a client is that came and left.
async fn place(server: &Server) -> Result<Place> {
    let near = TcpStream::connect(server.address).await?;
    let mut socket = upgrade(near).await?;
    let welcome = greet(&mut socket, "null").await?;
    Ok(Place { epoch: welcome["epoch"].clone(), offset: welcome["offset"].clone() })
}

fn publish(server: &Server, count: usize) -> Result<()> {
    let mut publisher = Publisher::connect(server.address)?;
    let mut number = 0;
    while number < count {
        let batch = (count - number).min(1_000);
        let lines = (number..number + batch).map(|number| update(number, VAULTS, ""));
        // Without ids: of the same id there would be one only.
        let lines = lines.map(|line| line.replace(r#","id":"""#, ""));
        publisher.publish(lines.collect::<Vec<_>>().join("\n").as_bytes(), batch)?;
        number += batch;
    }
    Ok(())
}

async fn miss_and_resume(server: &Server, missed: usize) -> Result<Duration> {
    let from = place(server).await?;
    publish(server, missed)?;
    resume(server, &from, missed).await
}

/// How long it takes whoever missed so many messages to have them all.
async fn resume(server: &Server, from: &Place, missed: usize) -> Result<Duration> {
    let Place { epoch, offset } = from;
    let link = SlowLink::start(server.address, DELAY).await?;
    let far = TcpStream::connect(link.address()).await?;
    far.set_nodelay(true)?;
    let begun = Instant::now();
    let mut again = upgrade(far).await?;
    let welcome = greet(&mut again, &format!(r#"{{"epoch":{epoch},"offset":{offset}}}"#)).await?;
    ensure!(welcome["resumed"] == true && welcome["replay"] == missed, "{welcome}");
    for _ in 0..missed {
        let message = timeout(PATIENCE, again.next()).await?.context("the gateway closed")??;
        ensure!(message.is_text(), "{message:?}");
    }
    Ok(begun.elapsed())
}

async fn upgrade(socket: TcpStream) -> Result<WebSocketStream<TcpStream>> {
    let mut request = "ws://bench/ws".into_client_request()?;
    request.headers_mut().insert("Sec-WebSocket-Protocol", "vaultwatch.v1".parse()?);
    let (socket, _) = timeout(PATIENCE, client_async(request, socket)).await??;
    Ok(socket)
}

/// Says `hello`, and answers what the `welcome` holds.
async fn greet(socket: &mut WebSocketStream<TcpStream>, resume: &str) -> Result<Value> {
    let hello = format!(
        r#"{{"type":"hello","data":{{"client":"bench/1","topics":["*"],"compress":[],"resume":{resume}}},"timestamp":1763800000000}}"#
    );
    socket.send(Message::text(hello)).await?;
    let welcome = timeout(PATIENCE, socket.next()).await?.context("no welcome")??;
    let welcome: Value = serde_json::from_str(welcome.to_text()?)?;
    ensure!(welcome["type"] == "welcome", "{welcome}");
    Ok(welcome["data"].clone())
}
