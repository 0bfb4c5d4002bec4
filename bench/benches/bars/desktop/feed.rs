//! The server that the application is measured with: it waits for one reader, and for nothing longer than the
//! measurement takes.

use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use bench::feeder::{Fed, Feeder};
use bench::{Dialect, Frames};

use super::Running;

/// Vaults that are shown.
pub(super) const VAULTS: usize = 60;

/// Whether what is measured goes on.
#[derive(Debug, Default)]
pub(super) struct Over(AtomicBool);

impl Over {
    pub(super) fn is_over(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }

    /// A reader that is killed at the end of a measurement is no fault of the server's.
    pub(super) fn unless(&self, sent: std::io::Result<()>) -> Result<()> {
        if self.is_over() { Ok(()) } else { sent.context("the application takes nothing") }
    }
}

/// Measures with a server at that address. `measure` starts the application and yields it with what was found: it is
/// over, for the server, before the application is ended. What went wrong with the measurement is told before anything that
/// followed from it.
pub(super) fn with_feed<T>(
    serve: impl FnOnce(Fed, &Over) -> Result<()> + Send,
    measure: impl FnOnce(&str) -> Result<(T, Running)>,
) -> Result<T> {
    let feeder = Feeder::bind()?;
    let url = feeder.url()?;
    let over = Over::default();
    thread::scope(|scope| {
        let serving = scope.spawn(|| match feeder.greet(false) {
            Ok(fed) => serve(fed, &over),
            Err(_) if over.is_over() => Ok(()),
            Err(error) => Err(error).context("the application does not shake hands"),
        });
        let measured = measure(&url);
        over.0.store(true, Ordering::Release);
        let found = measured.map(|(found, app)| {
            drop(app);
            found
        });
        let_go(&url);
        let served = serving.join().unwrap_or_else(|_| Err(anyhow!("the server panicked")));
        let found = found?;
        served?;
        Ok(found)
    })
}

/// Whoever waits for the application to connect waits no more.
fn let_go(url: &str) {
    let address = url.trim_start_matches("ws://").trim_end_matches('/');
    // Somebody who listens is there, or nobody waits.
    let _ = TcpStream::connect(address);
}

/// A value that is a minute old is drawn as one that may be wrong, and a window is opened for longer than that.
const AGAIN: Duration = Duration::from_secs(20);
const LOOK: Duration = Duration::from_millis(100);

/// Sends all vaults at once, and again and again until the application is gone.
pub(super) fn all_at_once(mut fed: Fed, over: &Over) -> Result<()> {
    for turn in 0.. {
        over.unless(fed.send(vaults(turn).between(0, VAULTS)))?;
        let sent = Instant::now();
        while sent.elapsed() < AGAIN {
            if over.is_over() {
                return Ok(());
            }
            thread::sleep(LOOK);
        }
    }
    Ok(())
}

/// All vaults, with figures that differ from turn to turn.
pub(super) fn vaults(turn: usize) -> Frames {
    Frames::texts(Dialect::Plain, (0..VAULTS).map(|number| medium(number, turn)))
}

/// A vault at medium risk: it has a coloured row, and nobody is told within a minute.
fn medium(number: usize, turn: usize) -> String {
    // A fifth away from 82.5: between 15 and 25 % of room.
    let ltv = 65.0 + (turn % 7) as f64 * 0.1;
    format!(
        r#"{{"type":"vault_update_M-{number:03}","data":{{"ltv":{ltv},"maxLTV":80,"liquidationThreshold":82.5,"healthFactor":1.26,"status":"ACTIVE","chainId":1,"collateral":{{"token":"WETH","amount":"120","valueUSD":240000}},"debt":{{"token":"USDC","amount":"{0}","valueUSD":{0}}}}},"timestamp":{1},"id":"m-{turn}-{number}"}}"#,
        240_000.0 * ltv / 100.0,
        1_763_800_000_000_u64 + turn as u64 * 1_000 + number as u64,
    )
}
