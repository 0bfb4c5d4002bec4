//! Measures how many updates per second the demo gateway hands to one client over a loopback socket, and what of a
//! core that takes. The client only reads, in the same process but on a thread of its own.
//!
//! `cargo run --release -p gateway --example throughput [SECONDS]`
#![expect(clippy::print_stdout, reason = "a program that prints its result")]

use std::time::{Duration, Instant};

use futures_util::StreamExt;
use gateway::{Access, DemoOptions, Gateway, Rate, Source};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;

fn main() -> anyhow::Result<()> {
    let seconds = std::env::args().nth(1).map_or(Ok(10), |text| text.parse())?;
    let rate = Some(Rate::new(Rate::MAX)?);
    let source = Source::Demo(DemoOptions { rate, ..DemoOptions::default() });
    let server =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let listen = "127.0.0.1:0".parse()?;
    let gateway = server.block_on(Gateway::bind(listen, Access::open(), source))?;
    let client = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let received = client.block_on(read(&gateway.url(), Duration::from_secs(seconds)))?;
    let stats = gateway.stats();
    println!("received {:.0} messages/s; {stats:?}", received as f64 / seconds as f64);
    server.block_on(gateway.shutdown());
    Ok(())
}

async fn read(url: &str, length: Duration) -> anyhow::Result<u64> {
    let (mut socket, _) = connect_async(url).await?;
    let (start, mut received) = (Instant::now(), 0);
    while start.elapsed() < length {
        if let Some(Message::Text(_)) = socket.next().await.transpose()? {
            received += 1;
        }
    }
    Ok(received)
}
