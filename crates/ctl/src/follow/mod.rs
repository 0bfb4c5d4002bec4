//! `follow`: one stream, loaded alone, and its state as it changes.

mod control;
mod lines;

use std::time::Duration;

use anyhow::{Context, bail};
use domain::{ChainId, VaultId};
use monitor::Streams;
use monitor::config::FeedArgs;
use realtime::{ConnectionState, RealTimeData, RealTimeState, StreamError};
use tokio::sync::mpsc;

use self::control::Control;
use self::lines::{Lines, Shown};
use crate::source::Source;
use crate::watch::{elapsed, interrupted};
use crate::{End, duration, machine};

#[derive(clap::Args)]
pub(crate) struct FollowArgs {
    /// What to follow
    #[arg(value_enum)]
    stream: Kind,
    /// Which vault, or which chain by its number
    #[arg(value_name = "ID", required_if_eq_any([("stream", "vault"), ("stream", "market")]))]
    id: Option<String>,
    #[command(flatten)]
    feed: FeedArgs,
    /// One JSON object per change, with the eight fields of the stream
    #[arg(long)]
    json: bool,
    /// Stop after this long: 500ms, 30s, 5m
    #[arg(long = "for", value_name = "TIME", value_parser = duration::parse)]
    time: Option<Duration>,
    /// Take the token from this environment variable
    #[arg(long, value_name = "VAR")]
    token_env: Option<String>,
    /// Take orders from standard input, one a line: connect, disconnect, send JSON, clear
    #[arg(long)]
    control: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Kind {
    /// One vault: `follow vault ETH-001`
    Vault,
    /// The platform's alerts
    Alerts,
    /// One chain's market: `follow market 1`
    Market,
    /// The platform's own health
    Status,
}

/// What is followed, as it was asked for.
enum Followed {
    Vault(VaultId),
    Alerts,
    Market(ChainId),
    Status,
}

impl FollowArgs {
    fn followed(&self) -> anyhow::Result<Followed> {
        Ok(match (self.stream, self.id.as_deref()) {
            (Kind::Vault, Some(id)) => Followed::Vault(VaultId::new(id).context("the vault's id")?),
            (Kind::Market, Some(chain)) => {
                Followed::Market(chain.parse().context("a chain is named by its number, as in 1")?)
            }
            (Kind::Alerts, None) => Followed::Alerts,
            (Kind::Status, None) => Followed::Status,
            (kind @ (Kind::Alerts | Kind::Status), Some(id)) => {
                bail!("`{id}` means nothing here: there is one stream of {kind:?}")
            }
            (Kind::Vault | Kind::Market, None) => bail!("name a vault or a chain"),
        })
    }
}

/// Follows until told to stop. Only the followed topic is asked of the server.
pub(crate) async fn run(args: FollowArgs) -> anyhow::Result<End> {
    let followed = args.followed()?;
    let source = Source::open(&args.feed, args.token_env.as_deref()).await?;
    source.keys_arrived().await?;
    let streams = Streams::open(source.connection.clone(), &source.stages)?;
    let connection = streams.hub().handle().clone();
    tokio::select! {
        end = follow_one(&args, followed, &streams) => end,
        () = machine::guide(&connection) => Ok(End::AsAsked),
    }
}

async fn follow_one(
    args: &FollowArgs,
    followed: Followed,
    streams: &Streams,
) -> anyhow::Result<End> {
    match followed {
        Followed::Vault(id) => {
            let vault = streams.vault_updates(&id).context("the vault's id")?;
            follow(args, vault, Every::Newest).await
        }
        Followed::Alerts => follow(args, streams.risk_alerts(), Every::One).await,
        Followed::Market(chain) => follow(args, streams.market_data(chain), Every::Newest).await,
        Followed::Status => follow(args, streams.system_status(), Every::Newest).await,
    }
}

/// Which values a slow terminal gets.
enum Every {
    /// All of them: each is an event.
    One,
    /// The newest: it is state.
    Newest,
}

async fn follow<T: Shown>(
    args: &FollowArgs,
    mut stream: RealTimeData<T>,
    every: Every,
) -> anyhow::Result<End> {
    let mut lines = Lines::new(args.json, stream.topic().clone());
    let (_, mut updates) = match every {
        Every::One => stream.subscribe(),
        Every::Newest => stream.subscribe_conflated(),
    };
    let (orders, mut control) = mpsc::channel(16);
    if args.control {
        control::listen(orders)?;
    }
    stream.connect()?;
    let end = async {
        let mut known = Circumstances::default();
        loop {
            tokio::select! {
                biased;
                order = control.recv(), if args.control => match order {
                    Some(Control::Connect) => stream.connect()?,
                    Some(Control::Disconnect) => stream.disconnect().await,
                    Some(Control::Clear) => stream.clear_data(),
                    Some(Control::Send(data)) => {
                        if let Err(error) = stream.send_message(&data) {
                            crate::remark(&format!("not sent: {error}"));
                        }
                    }
                    Some(Control::Unknown(words)) => crate::remark(&words),
                    // Nobody orders any more; the stream goes on.
                    None => std::future::pending().await,
                },
                Some(value) = updates.recv() => {
                    let state = RealTimeState { data: Some(value), ..stream.state() };
                    known = Circumstances::of(&state);
                    lines.print(&state);
                }
                () = stream.changed() => {
                    let state = stream.state();
                    // A new value comes as an update.
                    let now = Circumstances::of(&state);
                    if now != known {
                        lines.print(&state);
                        known = now;
                    }
                    if let ConnectionState::Failed { error } = &state.connection_state {
                        crate::remark(&format!("The connection failed for good: {error}"));
                        return anyhow::Ok(End::ConnectionFailed);
                    }
                }
            }
        }
    };
    let end = tokio::select! {
        end = end => end?,
        () = elapsed(args.time) => End::AsAsked,
        signal = interrupted() => signal.map(|()| End::AsAsked)?,
    };
    stream.disconnect().await;
    Ok(end)
}

/// What a line is worth beside a new value.
#[derive(Debug, Default, PartialEq)]
struct Circumstances {
    state: ConnectionState,
    error: Option<StreamError>,
    empty: bool,
}

impl Circumstances {
    fn of<T>(state: &RealTimeState<T>) -> Self {
        Self {
            state: state.connection_state.clone(),
            error: state.error.clone(),
            empty: state.data.is_none() && state.message_count > 0,
        }
    }
}
