//! The past as `vaultwatchctl record` wrote it down.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::time::Duration;

use alerts::rule::DryRun;
use anyhow::Context;
use bytes::Bytes;
use domain::UnixMillis;
use domain::market::Market;
use domain::payload::Payload;
use gateway::recording::Recording;
use realtime::wire::Frame;
use serde::Deserialize;

/// Longest line that is looked at: an envelope of the largest size and its time.
const LINE_LIMIT: u64 = (1 << 20) + 1_024;

/// How many messages of a recording were nothing to be judged.
#[derive(Debug, Default)]
pub(super) struct Leftover {
    pub(super) invalid: u64,
    pub(super) encrypted: u64,
}

/// The arrival of a line's message, in milliseconds from the start.
#[derive(Deserialize)]
struct Arrival {
    at: u64,
}

/// Plays every message at the time at which it arrived; returns the time of the last.
pub(super) fn play(path: &Path, run: &mut DryRun) -> anyhow::Result<(UnixMillis, Leftover)> {
    let recording = Recording::open(path)?;
    let begun = recording.header.started_at;
    let mut lines = BufReader::new(File::open(path).with_context(|| path.display().to_string())?);
    let mut markets = BTreeMap::new();
    let mut left = Leftover::default();
    let mut now = begun;
    let mut first = true;
    loop {
        let mut text = Vec::new();
        if lines.by_ref().take(LINE_LIMIT).read_until(b'\n', &mut text)? == 0 {
            break;
        }
        // The header.
        if std::mem::take(&mut first) || text.trim_ascii().is_empty() {
            continue;
        }
        let arrival: Option<Arrival> = serde_json::from_slice(&text).ok();
        let (Some(arrival), Ok(Frame::Single(message))) =
            (arrival, Frame::parse(Bytes::from(text)))
        else {
            left.invalid += 1;
            continue;
        };
        // Lines of one recorder are in the order of their times; those of an editor need not be.
        now = now.max(begun.plus(Duration::from_millis(arrival.at)));
        match Payload::of(&message) {
            Ok(Payload::Vault(id, patch)) => run.update(now, &id, |vault| vault.apply(*patch)),
            Ok(Payload::Market(chain, patch)) => {
                let market = markets.entry(chain).or_insert_with(|| Market::unknown(chain));
                market.apply(*patch);
                run.market(now, market);
            }
            Ok(Payload::Status(status, extra)) => run.status(now, &status, &extra),
            Ok(_) => {}
            Err(_) if message.data().starts_with(b"{\"alg\"") => left.encrypted += 1,
            Err(_) => left.invalid += 1,
        }
    }
    Ok((now.max(begun.plus(recording.length)), left))
}
