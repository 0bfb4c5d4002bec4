//! What the command line says about the log.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use gateway::{Broker, LogOptions};

/// Where messages are kept, and for how long.
#[derive(Debug, Args)]
#[command(next_help_heading = "The log")]
pub(crate) struct LogArguments {
    /// Where messages are kept: memory, sqlite:FILE, or nats://HOST:PORT (several with commas; tls:// for TLS).
    ///
    /// memory is gone with the process. sqlite:FILE survives restarts and power cuts, for one gateway. nats:// is NATS
    /// JetStream, which several gateways may share: their clients can move from one to another.
    #[arg(
        long,
        value_name = "LOG",
        default_value = "memory",
        env = "VAULTWATCH_BROKER",
        hide_env_values = true
    )]
    broker: Broker,

    /// How long a state message is retained, such as 90m, 24h or 7d. The last value of each key is kept in any case.
    #[arg(long, value_name = "AGE", default_value = "24h", value_parser = age)]
    retain_state: Duration,

    /// How long an event is retained: alerts, and whatever else is no state.
    #[arg(long, value_name = "AGE", default_value = "7d", value_parser = age)]
    retain_events: Duration,

    /// How much a tenant's log retains, such as 500MB or 2GiB: of state, and besides as much of events; on NATS of
    /// both together [default: 16MiB in memory, 1GiB otherwise].
    #[arg(long, value_name = "SIZE", value_parser = size)]
    retain_size: Option<u64>,

    /// Copies of each message on a NATS cluster, for streams that are not there yet.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=5))]
    replicas: u8,

    /// A NATS credentials file.
    #[arg(long, value_name = "FILE")]
    nats_credentials: Option<PathBuf>,
}

impl LogArguments {
    /// The files that nobody else should read.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &Path> {
        self.nats_credentials.as_deref().into_iter()
    }
}

impl From<&LogArguments> for LogOptions {
    fn from(arguments: &LogArguments) -> Self {
        Self {
            broker: arguments.broker.clone(),
            state_age: arguments.retain_state,
            event_age: arguments.retain_events,
            bytes: arguments.retain_size,
            nats_credentials: arguments.nats_credentials.clone(),
            replicas: arguments.replicas,
        }
    }
}

/// Less than ids are known for would make resending unsafe.
const SHORTEST: Duration = Duration::from_mins(10);

fn age(text: &str) -> Result<Duration, String> {
    let example = "write it like 90m, 24h or 7d";
    let unit = text.chars().last().ok_or(example)?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return Err(example.into()),
    };
    let count: u64 = text[..text.len() - 1].trim().parse().map_err(|_| example)?;
    let age = count.checked_mul(seconds).map(Duration::from_secs).ok_or("too long")?;
    if age < SHORTEST {
        return Err("at least 10m, for which the ids of messages are known".into());
    }
    // A century: beyond that some of the places count wrong.
    if age > Duration::from_hours(24 * 36_500) { Err("too long".into()) } else { Ok(age) }
}

fn size(text: &str) -> Result<u64, String> {
    let example = "write it like 500MB or 2GiB";
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (count, unit) = text.split_at(digits);
    let factor: u64 = match unit.trim() {
        "B" => 1,
        "kB" | "KB" => 1_000,
        "KiB" => 1 << 10,
        "MB" => 1_000_000,
        "MiB" => 1 << 20,
        "GB" => 1_000_000_000,
        "GiB" => 1 << 30,
        "TB" => 1_000_000_000_000,
        "TiB" => 1 << 40,
        _ => return Err(example.into()),
    };
    let count: u64 = count.parse().map_err(|_| example)?;
    let size = count.checked_mul(factor).filter(|size| i64::try_from(*size).is_ok());
    match size.ok_or("too much")? {
        ..1_048_576 => Err("at least 1MiB, the length of a message".into()),
        size => Ok(size),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_and_sizes_are_read() {
        assert_eq!(age("90m"), Ok(Duration::from_mins(90)));
        assert_eq!(age("7d"), Ok(Duration::from_hours(168)));
        for bad in ["", "7", "d", "-1d", "1w", "9m", "99999999999999999999d", "9999999999d", "é"] {
            assert!(age(bad).is_err(), "{bad}");
        }
        assert_eq!(size("2GiB"), Ok(2 << 30));
        assert_eq!(size("500MB"), Ok(500_000_000));
        for bad in ["", "GiB", "5", "1kB", "-1GB", "99999999999TiB", "1 Gb"] {
            assert!(size(bad).is_err(), "{bad}");
        }
    }
}
