mod bulk;
mod lines;

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use domain::view::Mode;
use monitor::config::FeedArgs;
use monitor::{Clock as _, SystemClock};
use realtime::persistence::StreamKey;
use realtime::wire::{Message, control};
use realtime::{
    Builder, ConnectionState, Handle, Messages, Offer, Outcome, Publishing, RateLimit, Topic,
};
use serde_json::Value;
use serde_json::value::RawValue;
use store::{Durable, OUTBOX_FILE, Store};

use crate::source::Source;
use crate::{End, duration, kept};

/// Most that is read of standard input: a message may have 1 MiB.
const INPUT_LIMIT: u64 = 1 << 20;

#[derive(clap::Args)]
pub(crate) struct SendArgs {
    #[command(flatten)]
    feed: FeedArgs,
    /// Type of the message, for instance `alert_state`
    #[arg(value_name = "TYPE", required_unless_present = "lines")]
    ty: Option<String>,
    /// Its data as JSON; `-` reads it from standard input
    #[arg(value_name = "JSON", allow_hyphen_values = true, required_unless_present = "lines")]
    data: Option<String>,
    /// Instead, publish all messages of a file: one envelope a line, as `record` writes them; `-` is standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["ty", "data", "id"])]
    lines: Option<PathBuf>,
    /// Of these, at most so many a second: 1 to 100000, as in 50/s
    #[arg(long, value_name = "N/s", requires = "lines", value_parser = lines::rate)]
    rate: Option<u32>,
    /// Pack them, up to 64 in a frame. Speaks plain mode: nothing is acknowledged
    #[arg(long, requires = "lines", conflicts_with = "durable")]
    batch: bool,
    /// Id of the message; the server stores an id once, however often it is sent. Made when there is none
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    /// Keep it on disk first: it is sent even if this program or the machine stops before the server has it
    #[arg(long)]
    durable: bool,
    /// Wait this long for the acknowledgement: 500ms, 30s, 5m
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = duration::parse)]
    wait: Duration,
    /// Print the outcome as a JSON object
    #[arg(long)]
    json: bool,
    /// Take the token from this environment variable
    #[arg(long, value_name = "VAR")]
    token_env: Option<String>,
}

/// Publishes one message, or many, and waits until the server has acknowledged them.
pub(crate) async fn run(args: SendArgs) -> anyhow::Result<End> {
    if let Some(path) = &args.lines {
        let lines = lines::read(path)?;
        let way = Way::open(&args).await?;
        let end = bulk::publish(&args, &way, lines).await;
        way.connection.disconnect().await;
        return end;
    }
    let message = message(&args)?;
    let way = Way::open(&args).await?;
    let publishing = way.publish(&args, message).await?;
    let end = settle(&args, &way.connection, publishing).await;
    way.connection.disconnect().await;
    end
}

/// A connection to publish over.
struct Way {
    connection: Handle,
    /// One of its stages: what `--rate` asks for.
    limit: Option<Arc<RateLimit>>,
    /// Nothing comes; the connection lives on.
    _messages: Messages,
    /// Runs the demo market where that is what is sent to.
    _source: Source,
}

impl Way {
    async fn open(args: &SendArgs) -> anyhow::Result<Self> {
        let store_path = args.feed.resolve()?.store_path;
        let source = Source::open(&args.feed, args.token_env.as_deref()).await?;
        let mut options = source.connection.clone();
        // Nothing is to be read: a topic that no message has.
        options.topics = vec![Topic::parse("vaultwatchctl/send").context("an empty subscription")?];
        if args.batch {
            if options.tenant.is_some() || options.protocol == Offer::V1 {
                bail!(
                    "--batch speaks plain mode, but the profile names a tenant or demands vaultwatch.v1; leave it out"
                );
            }
            options.protocol = Offer::Plain;
            // The server's answer to the close comes after it has read all of it.
            options.close_timeout = options.close_timeout.max(args.wait);
        }
        let tenant = options.tenant.clone();
        let mut builder = source.builder(options.validate()?);
        let limit = args.rate.map(lines::limit).map(Arc::new);
        if let Some(limit) = &limit {
            builder = builder.stage(limit.clone());
        }
        if args.durable {
            builder = with_outbox(builder, &source.mode, tenant.as_deref(), &store_path)?;
        }
        source.keys_arrived().await?;
        let (connection, messages) = builder.open();
        connection.connect()?;
        Ok(Self { connection, limit, _messages: messages, _source: source })
    }

    /// Waits until the rate lets another message pass.
    async fn paced(&self) {
        if let Some(limit) = &self.limit {
            // There is one limit, for all types.
            tokio::time::sleep(limit.outbound_wait("any")).await;
        }
    }

    async fn publish(
        &self,
        args: &SendArgs,
        message: Message,
    ) -> Result<Publishing, realtime::Error> {
        if args.durable {
            self.connection.publish_durable(message).await
        } else {
            self.connection.publish(message)
        }
    }
}

fn with_outbox(
    builder: Builder,
    mode: &Mode,
    tenant: Option<&str>,
    store_path: &Path,
) -> anyhow::Result<Builder> {
    let Mode::Profile(profile) = mode else {
        bail!("the demo market ends with this program: nothing of it can be kept");
    };
    let stream = StreamKey::profile(profile, tenant);
    Ok(builder.persistence(Arc::new(outbox(store_path)?)).stream(stream))
}

fn message(args: &SendArgs) -> anyhow::Result<Message> {
    let ty = args.ty.as_deref().context("a message has a type")?;
    if control::is_reserved(ty) {
        bail!("`{ty}` is a type of the protocol itself; choose another one");
    }
    let text = match args.data.as_deref().context("a message has data")? {
        "-" => {
            let mut text = String::new();
            std::io::stdin().lock().take(INPUT_LIMIT + 1).read_to_string(&mut text)?;
            text
        }
        text => text.to_owned(),
    };
    // Kept as text, so that every digit arrives.
    let data: Box<RawValue> = serde_json::from_str(&text)
        .context("JSON: the data is not valid; a text needs its quotes, as in '\"text\"'")?;
    Ok(Message::new(ty, &data, SystemClock.now(), args.id.as_deref())?)
}

/// The profile's outbox: the app sends what this program could not.
fn outbox(store_path: &Path) -> anyhow::Result<Durable> {
    let outbox = kept::outbox(&store_path.with_file_name(OUTBOX_FILE))?;
    // Positions are the app's: what this program reads past, the app has not seen.
    Ok(Durable::new(Store::in_memory()?, outbox))
}

async fn settle(
    args: &SendArgs,
    connection: &Handle,
    publishing: Publishing,
) -> anyhow::Result<End> {
    let id = publishing.id().clone();
    let outcome = tokio::select! {
        outcome = publishing => Some(outcome),
        () = tokio::time::sleep(args.wait) => None,
        () = failed(connection) => None,
    };
    if args.json {
        let kept = args.durable && !outcome.as_ref().is_some_and(is_settled);
        print(&json(&id, outcome.as_ref(), kept)?.to_string());
    } else {
        tell(args, connection, &id, outcome.as_ref());
    }
    Ok(match outcome {
        Some(Outcome::Acknowledged { .. } | Outcome::Written) => End::AsAsked,
        Some(Outcome::Refused { .. } | Outcome::OutcomeUnknown) => End::Wrong,
        _ => End::ConnectionFailed,
    })
}

/// Whether nobody will send it again of their own accord.
fn is_settled(outcome: &Outcome) -> bool {
    !matches!(outcome, Outcome::ConnectionFailed | Outcome::TimedOut)
}

fn json(id: &str, outcome: Option<&Outcome>, kept: bool) -> anyhow::Result<Value> {
    let mut object = match outcome {
        Some(outcome) => serde_json::to_value(outcome)?,
        None => serde_json::json!({"outcome": "no_answer"}),
    };
    object["event"] = "published".into();
    object["id"] = id.into();
    object["kept"] = kept.into();
    Ok(object)
}

fn tell(args: &SendArgs, connection: &Handle, id: &str, outcome: Option<&Outcome>) {
    let text = match outcome {
        Some(Outcome::Acknowledged { offset }) => {
            return print(&format!("Acknowledged at offset {offset} ({id})."));
        }
        Some(Outcome::Written) => {
            return print(&format!(
                "Written ({id}). This server speaks plain mode, in which nothing is acknowledged."
            ));
        }
        Some(Outcome::Refused { code, message }) => format!("Refused: {message} ({code})."),
        Some(Outcome::OutcomeUnknown) => {
            "Sent, but whether the server has it is not known: it came back too late to recognise \
             it. It is parked; see `vaultwatchctl outbox list`."
                .to_owned()
        }
        Some(Outcome::Expired) => "It waited too long and was not sent.".to_owned(),
        Some(Outcome::Cancelled) => "It was cancelled.".to_owned(),
        Some(Outcome::ConnectionFailed | Outcome::TimedOut) | None => {
            let why = trouble(connection);
            if args.durable {
                format!(
                    "Not acknowledged: {why}. It is kept ({id}) and sent when VaultWatch, or the \
                     next `send --durable`, connects."
                )
            } else {
                format!("Not acknowledged: {why}. It was not kept; try again, or use --durable.")
            }
        }
    };
    crate::remark(&text);
}

/// Why there is no answer.
fn trouble(connection: &Handle) -> String {
    match connection.state() {
        ConnectionState::Failed { error } => error.to_string(),
        ConnectionState::Backoff { cause, .. } | ConnectionState::Suspended { cause, .. } => {
            cause.to_string()
        }
        state => format!("no answer yet; the connection is {}", state.name()),
    }
}

async fn failed(connection: &Handle) {
    let (_, mut states) = connection.subscribe_state();
    // The task ends only with the handle.
    let _ = states.wait_for(|state| matches!(state, ConnectionState::Failed { .. })).await;
}

fn print(line: &str) {
    // Nobody reads it any more: the exit code still tells.
    let _ = writeln!(std::io::stdout(), "{line}");
}
