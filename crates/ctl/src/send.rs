use std::io::{Read, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, bail};
use domain::view::Mode;
use monitor::config::FeedArgs;
use realtime::persistence::{Bounds, StreamKey};
use realtime::wire::{Message, UnixMillis, control};
use realtime::{ConnectionState, Handle, Outcome, Publishing, Topic};
use serde_json::value::RawValue;
use store::{Durable, OUTBOX_FILE, Outbox, Store, StoreErrorKind};

use crate::source::Source;
use crate::{End, duration};

/// Most that is read of standard input: a message may have 1 MiB.
const INPUT_LIMIT: u64 = 1 << 20;

#[derive(clap::Args)]
pub(crate) struct SendArgs {
    #[command(flatten)]
    feed: FeedArgs,
    /// Type of the message, for instance `alert_state`
    #[arg(value_name = "TYPE")]
    ty: String,
    /// Its data as JSON; `-` reads it from standard input
    #[arg(value_name = "JSON", allow_hyphen_values = true)]
    data: String,
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

/// Publishes one message and waits until the server has acknowledged it.
pub(crate) async fn run(args: SendArgs) -> anyhow::Result<End> {
    let message = message(&args)?;
    let store_path = args.feed.resolve()?.store_path;
    let source = Source::open(&args.feed, args.token_env.as_deref()).await?;
    let mut options = source.connection.clone();
    // Nothing is to be read: a topic that no message has.
    options.topics = vec![Topic::parse("vaultwatchctl/send").context("an empty subscription")?];
    let tenant = options.tenant.clone();
    let mut builder = source.builder(options.validate()?);
    if args.durable {
        let Mode::Profile(profile) = &source.mode else {
            bail!("the demo market ends with this program: nothing of it can be kept");
        };
        let stream = StreamKey::profile(profile, tenant.as_deref());
        builder = builder.persistence(Arc::new(outbox(&store_path)?)).stream(stream);
    }
    source.keys_arrived().await?;
    let (connection, _messages) = builder.open();
    connection.connect()?;
    let publishing = if args.durable {
        connection.publish_durable(message).await?
    } else {
        connection.publish(message)?
    };
    let end = settle(&args, &connection, publishing).await;
    connection.disconnect().await;
    end
}

fn message(args: &SendArgs) -> anyhow::Result<Message> {
    if control::is_reserved(&args.ty) {
        bail!("`{}` is a type of the protocol itself; choose another one", args.ty);
    }
    let text = match args.data.as_str() {
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
    Ok(Message::new(&args.ty, &data, now(), args.id.as_deref())?)
}

/// The profile's outbox. While the app runs and owns it, it is shared: the app sends what this program could not.
fn outbox(store_path: &Path) -> anyhow::Result<Durable> {
    let path = store_path.with_file_name(OUTBOX_FILE);
    let outbox = match Outbox::open(&path, Bounds::default()) {
        Ok((outbox, _)) => outbox,
        Err(error) if error.kind == StoreErrorKind::InUse => {
            Outbox::attach(&path, Bounds::default())?
        }
        Err(error) => return Err(error.into()),
    };
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
        print(&json(&id, outcome.as_ref(), kept)?);
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

fn json(id: &str, outcome: Option<&Outcome>, kept: bool) -> anyhow::Result<String> {
    let mut object = match outcome {
        Some(outcome) => serde_json::to_value(outcome)?,
        None => serde_json::json!({"outcome": "no_answer"}),
    };
    object["event"] = "published".into();
    object["id"] = id.into();
    object["kept"] = kept.into();
    Ok(object.to_string())
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
            let why = match connection.state() {
                ConnectionState::Failed { error } => error.to_string(),
                ConnectionState::Backoff { cause, .. }
                | ConnectionState::Suspended { cause, .. } => cause.to_string(),
                state => format!("no answer yet; the connection is {}", state.name()),
            };
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

async fn failed(connection: &Handle) {
    let (_, mut states) = connection.subscribe_state();
    // The task ends only with the handle.
    let _ = states.wait_for(|state| matches!(state, ConnectionState::Failed { .. })).await;
}

fn print(line: &str) {
    // Nobody reads it any more: the exit code still tells.
    let _ = writeln!(std::io::stdout(), "{line}");
}

fn now() -> UnixMillis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixMillis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
