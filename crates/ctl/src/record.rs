use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};
use gateway::recording::{Header, Writer, redacted};
use monitor::config::FeedArgs;
use monitor::{Clock as _, SystemClock};
use realtime::wire::UnixMillis;
use realtime::{Builder, ConnectionState, Delivery, Inbound, Topic};
use tokio::time::MissedTickBehavior;

use crate::source::Source;
use crate::watch::{elapsed, interrupted};
use crate::{End, duration, machine};

/// How often the person is told how far it is.
const PROGRESS: Duration = Duration::from_secs(5);

#[derive(clap::Args)]
pub(crate) struct RecordArgs {
    #[command(flatten)]
    feed: FeedArgs,
    /// Where to write: one message per line, for `vaultwatch-gateway --demo=FILE`
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Only messages of this type, or of all types with this prefix (vault_update_*); repeatable
    #[arg(long = "topic", value_name = "TOPIC", default_value = "*")]
    topics: Vec<Topic>,
    /// Stop after this long: 500ms, 30s, 5m
    #[arg(long = "for", value_name = "TIME", value_parser = duration::parse)]
    time: Option<Duration>,
    /// Write over a file that is there
    #[arg(long)]
    force: bool,
    /// Say nothing until the end
    #[arg(long)]
    quiet: bool,
    /// Take the token from this environment variable
    #[arg(long, value_name = "VAR")]
    token_env: Option<String>,
}

/// Writes down what comes in until told to stop.
pub(crate) async fn run(args: RecordArgs) -> anyhow::Result<End> {
    let source = Source::open(&args.feed, args.token_env.as_deref()).await?;
    let mut options = source.connection.clone();
    options.topics.clone_from(&args.topics);
    // Every message counts: a slow disk makes the server wait.
    options.state_types = Vec::new();
    let url = options.endpoints.iter().map(|endpoint| redacted(endpoint));
    let url = url.collect::<Vec<_>>().join(",");
    let options = options.validate()?;
    let file = create(&args.out, args.force)?;
    let started_at = SystemClock.now();
    let topics = args.topics.iter().map(ToString::to_string).collect();
    let header = Header { version: Header::VERSION, url, started_at, topics };
    let writer = Writer::new(file, &header).map_err(|error| refused(error, &args.out, 0))?;
    let mut tape = Tape { out: &args.out, writer, started_at, messages: 0, invalid: 0 };

    // Without the stages of the watch: what is encrypted stays so on disk, and plugins change nothing.
    let (connection, mut messages) = Builder::new(options).open();
    let (_, mut states) = connection.subscribe_state();
    connection.connect()?;
    let mut progress = tokio::time::interval(PROGRESS);
    progress.set_missed_tick_behavior(MissedTickBehavior::Skip);
    progress.tick().await;
    let stop = async {
        tokio::select! {
            () = elapsed(args.time) => Ok(()),
            signal = interrupted() => signal,
        }
    };
    let guided = machine::guide(&connection);
    tokio::pin!(stop, guided);
    let end = loop {
        tokio::select! {
            biased;
            stopped = &mut stop => break stopped.map(|()| End::AsAsked)?,
            _ = progress.tick(), if !args.quiet => {
                crate::remark(&tape.told(connection.state().name()));
            }
            failed = states.wait_for(|state| matches!(state, ConnectionState::Failed { .. })) => {
                if let Ok(state) = failed && let ConnectionState::Failed { error } = &*state {
                    crate::remark(&format!("The connection failed for good: {error}"));
                }
                break End::ConnectionFailed;
            }
            // Does not end. Before the messages, which in a flood of them would leave it no turn.
            () = &mut guided => {}
            delivery = messages.recv() => match delivery {
                Some(delivery) => tape.write(&delivery)?,
                None => break End::ConnectionFailed,
            },
        }
    };
    connection.disconnect().await;
    // What had arrived by then belongs to it.
    while let Some(delivery) = messages.try_recv() {
        tape.write(&delivery)?;
    }
    crate::remark(&tape.told("ended"));
    Ok(end)
}

/// The file, and what is in it.
struct Tape<'a> {
    out: &'a Path,
    writer: Writer,
    started_at: UnixMillis,
    messages: u64,
    invalid: u64,
}

impl Tape<'_> {
    fn write(&mut self, delivery: &Delivery) -> anyhow::Result<()> {
        let messages = delivery.messages.iter().filter_map(|inbound| match inbound {
            Inbound::Message(message) => Some(message),
            Inbound::Invalid(_) | Inbound::SnapshotEnd(_) => None,
        });
        let invalid = |inbound: &&Inbound| matches!(inbound, Inbound::Invalid(_));
        self.invalid += delivery.messages.iter().filter(invalid).count() as u64;
        let count = messages.clone().count() as u64;
        let at = delivery.received.since(self.started_at);
        let written = self.writer.write(at, messages);
        written.map_err(|error| refused(error, self.out, self.messages))?;
        self.messages += count;
        Ok(())
    }

    fn told(&self, state: &str) -> String {
        let invalid = match self.invalid {
            0 => String::new(),
            count => format!(", {count} invalid ones left out"),
        };
        let kib = self.writer.written().div_ceil(1_024);
        format!("{state}: {} messages, {kib} KiB in {}{invalid}", self.messages, self.out.display())
    }
}

/// What the disk refused, what there is to be done, and what is in the file.
fn refused(error: io::Error, out: &Path, messages: u64) -> anyhow::Error {
    let out = out.display();
    let remedy = match error.kind() {
        ErrorKind::StorageFull => {
            "the disk is full: make room, or record on another one with --out"
        }
        ErrorKind::QuotaExceeded => {
            "you have as much on this disk as you may: make room, or record on another one with --out"
        }
        ErrorKind::FileTooLarge => {
            "the file is as large as it may be here: begin another one with --out"
        }
        _ => "the recording ends here",
    };
    let so_far = match messages {
        0 => "no message is in it".to_owned(),
        count => format!("the {count} messages before are in it, whole, and can be played"),
    };
    anyhow::Error::new(error).context(format!("cannot write to {out}; {remedy}; {so_far}"))
}

fn create(path: &Path, force: bool) -> anyhow::Result<File> {
    let created = if force { File::create(path) } else { File::create_new(path) };
    match created {
        Ok(file) => Ok(file),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            bail!(
                "{} is there already: name another file, or --force writes over it",
                path.display()
            )
        }
        Err(error) => Err(error).with_context(|| format!("cannot create {}", path.display())),
    }
}
