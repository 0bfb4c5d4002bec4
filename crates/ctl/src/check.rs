use std::time::{Duration, Instant};

use domain::payload::Payload;
use monitor::config::FeedArgs;
use realtime::{ConnectionState, Inbound};
use serde::Serialize;
use tokio::net::{TcpStream, lookup_host};
use url::Url;

use crate::End;
use crate::source::Source;

/// How long each step may take.
const PATIENCE: Duration = Duration::from_secs(10);

#[derive(clap::Args)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    feed: FeedArgs,
    /// Take the token from this environment variable
    #[arg(long, value_name = "VAR")]
    token_env: Option<String>,
    /// One JSON object per step
    #[arg(long)]
    json: bool,
}

/// One step of the way to a first message, and how it went.
#[derive(Serialize)]
struct Step {
    step: &'static str,
    ok: bool,
    detail: String,
    /// What to do where it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<&'static str>,
}

type Outcome = Result<String, (String, &'static str)>;

/// Walks the way from the configuration to the first message and stops where it ends.
pub(crate) async fn run(args: CheckArgs) -> anyhow::Result<End> {
    let source = match Source::open(&args.feed, args.token_env.as_deref()).await {
        Ok(source) => source,
        Err(error) => {
            let remedy = "correct the configuration or the arguments";
            report(&args, "configuration", Err((format!("{error:#}"), remedy)));
            return Ok(End::Wrong);
        }
    };
    let mut end = End::AsAsked;
    for endpoint in source.connection.endpoints.clone() {
        report(&args, "configuration", Ok(endpoint.clone()));
        if !check_endpoint(&args, &source, &endpoint).await {
            end = End::Wrong;
        }
    }
    Ok(end)
}

async fn check_endpoint(args: &CheckArgs, source: &Source, endpoint: &str) -> bool {
    let Ok(url) = Url::parse(endpoint) else {
        return report(
            args,
            "address",
            Err((endpoint.to_owned(), "write ws://host or wss://host")),
        );
    };
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
    let port = url.port_or_known_default().unwrap_or(443);
    let addresses = match timed(lookup_host((host.as_str(), port))).await {
        Ok((found, _)) => found.collect::<Vec<_>>(),
        Err(why) => {
            let remedy = "check the host's name, and whether this machine has a name server";
            return report(args, "name", Err((format!("{host}: {why}"), remedy)));
        }
    };
    report(args, "name", Ok(format!("{host} is {}", list(&addresses))));
    match timed(TcpStream::connect(&addresses[..])).await {
        Ok((_, took)) => report(args, "tcp", Ok(format!("port {port} answers in {took}"))),
        Err(why) => {
            let remedy =
                "check that the server runs, the port, and what stands between (firewall, proxy)";
            return report(args, "tcp", Err((format!("port {port}: {why}"), remedy)));
        }
    };
    check_feed(args, source, endpoint).await
}

async fn check_feed(args: &CheckArgs, source: &Source, endpoint: &str) -> bool {
    let mut connection = source.connection.clone();
    connection.endpoints = vec![endpoint.to_owned()];
    let options = match connection.validate() {
        Ok(options) => options,
        Err(error) => {
            return report(args, "address", Err((error.to_string(), "correct the setting")));
        }
    };
    let (handle, mut messages) = realtime::open(options);
    let (_, mut states) = handle.subscribe_state();
    let begun = Instant::now();
    if handle.connect().is_err() {
        return report(args, "websocket", Err(("not started".to_owned(), "try again")));
    }
    let state = tokio::time::timeout(2 * PATIENCE, async {
        loop {
            let state = states.borrow_and_update().clone();
            match state {
                ConnectionState::Connected { .. } => return Ok(()),
                ConnectionState::Backoff { cause, .. }
                | ConnectionState::Suspended { cause, .. }
                | ConnectionState::Failed { error: cause } => return Err(cause.to_string()),
                _ => {}
            }
            if states.changed().await.is_err() {
                return Err("the client ended".to_owned());
            }
        }
    });
    let remedy = "see the cause; a token belongs in VAULTWATCH_TOKEN or --token-env";
    match state.await {
        Ok(Ok(())) => {
            report(args, "websocket", Ok(format!("open after {}", took(begun.elapsed()))))
        }
        Ok(Err(cause)) => return report(args, "websocket", Err((cause, remedy))),
        Err(_) => return report(args, "websocket", Err(("no answer".to_owned(), remedy))),
    };
    let first = tokio::time::timeout(PATIENCE, messages.recv()).await;
    let outcome =
        match first.ok().flatten().and_then(|delivery| delivery.messages.into_iter().next()) {
            Some(Inbound::Message(message)) => match Payload::of(&message) {
                Ok(_) => Ok(format!("`{}` after {}", message.ty(), took(begun.elapsed()))),
                Err(why) => Err((format!("`{}`: {why}", message.ty()), INVALID)),
            },
            Some(Inbound::Invalid(why)) => Err((why.to_string(), INVALID)),
            Some(Inbound::SnapshotEnd(end)) => Ok(format!(
                "a snapshot without any state, at offset {}, after {}",
                end.offset,
                took(begun.elapsed())
            )),
            // A quiet feed is no fault of the connection's.
            None => Ok(format!(
                "none within {} s; if values are expected, ask whether this account gets any",
                PATIENCE.as_secs()
            )),
        };
    handle.disconnect().await;
    report(args, "first message", outcome)
}

const INVALID: &str = "the server does not send what VaultWatch understands; see docs/protocol.md";

/// The result and how long it took, or why there is none.
async fn timed<T>(work: impl Future<Output = std::io::Result<T>>) -> Result<(T, String), String> {
    let begun = Instant::now();
    match tokio::time::timeout(PATIENCE, work).await {
        Ok(Ok(result)) => Ok((result, took(begun.elapsed()))),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err(format!("no answer within {} s", PATIENCE.as_secs())),
    }
}

fn took(time: Duration) -> String {
    format!("{} ms", time.as_millis())
}

fn list(addresses: &[std::net::SocketAddr]) -> String {
    addresses.iter().map(|a| a.ip().to_string()).collect::<Vec<_>>().join(", ")
}

/// Prints a step; returns whether it went well.
#[expect(clippy::print_stdout, reason = "the report is this command's output")]
fn report(args: &CheckArgs, step: &'static str, outcome: Outcome) -> bool {
    let (ok, detail, remedy) = match outcome {
        Ok(detail) => (true, detail, None),
        Err((detail, remedy)) => (false, detail, Some(remedy)),
    };
    if args.json {
        let step = Step { step, ok, detail, remedy };
        println!("{}", serde_json::to_string(&step).expect("a step has string keys only"));
    } else {
        println!("{} {step:<14} {detail}", if ok { "ok   " } else { "WRONG" });
        if let Some(remedy) = remedy {
            println!("      {remedy}");
        }
    }
    ok
}
