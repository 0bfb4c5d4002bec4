use std::io::{BufRead, IsTerminal};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, bail};
use monitor::config::FeedArgs;
use monitor::{Clock as _, SystemClock};
use realtime::persistence::{EntryState, Item};
use realtime::wire::UnixMillis;
use smol_str::SmolStr;
use store::{OUTBOX_FILE, Outbox};

use crate::{End, duration, kept};

#[derive(clap::Subcommand)]
pub(crate) enum OutboxCommand {
    /// Print what is not acknowledged yet: id, type, age, state and why it is parked
    List(ListArgs),
    /// Send parked messages again, when VaultWatch connects the next time
    Retry(RetryArgs),
    /// Remove parked messages for good
    Discard(DiscardArgs),
}

#[derive(clap::Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    feed: FeedArgs,
    /// One JSON object per line
    #[arg(long)]
    json: bool,
}

#[derive(clap::Args)]
pub(crate) struct RetryArgs {
    #[command(flatten)]
    feed: FeedArgs,
    #[command(flatten)]
    which: Which,
    /// How long to try: 30s, 5m, 24h
    #[arg(long = "for", value_name = "TIME", default_value = "24h", value_parser = duration::parse)]
    time: Duration,
}

#[derive(clap::Args)]
pub(crate) struct DiscardArgs {
    #[command(flatten)]
    feed: FeedArgs,
    #[command(flatten)]
    which: Which,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

#[derive(clap::Args)]
#[group(required = true, multiple = false)]
struct Which {
    /// Ids, as `list` prints them
    #[arg(value_name = "ID")]
    ids: Vec<String>,
    /// All parked messages
    #[arg(long)]
    all: bool,
}

/// Items read at a time.
const PAGE: usize = 500;

pub(crate) async fn run(command: OutboxCommand) -> anyhow::Result<End> {
    match command {
        OutboxCommand::List(args) => list(args).await,
        OutboxCommand::Retry(args) => retry(args).await,
        OutboxCommand::Discard(args) => discard(args).await,
    }
}

async fn list(args: ListArgs) -> anyhow::Result<End> {
    let Some(outbox) = open(&args.feed)? else { return Ok(End::AsAsked) };
    let now = SystemClock.now();
    let mut after = None;
    loop {
        let page = outbox.list(after, PAGE).await?;
        for item in &page {
            print(&if args.json { json(item) } else { line(item, now) });
        }
        match page.last() {
            Some(last) if page.len() == PAGE => after = Some(last.sequence),
            _ => return Ok(End::AsAsked),
        }
    }
}

async fn retry(args: RetryArgs) -> anyhow::Result<End> {
    let Some(outbox) = open(&args.feed)? else { return Ok(nothing_parked(&args.which)) };
    let ids = args.which.ids(&outbox).await?;
    let asked = ids.len();
    let count = outbox.requeue(ids, SystemClock.now().plus(args.time)).await?;
    crate::remark(&format!("{count} to be sent when VaultWatch connects the next time."));
    Ok(all_or_wrong(count, asked))
}

async fn discard(args: DiscardArgs) -> anyhow::Result<End> {
    let Some(outbox) = open(&args.feed)? else { return Ok(nothing_parked(&args.which)) };
    let ids = args.which.ids(&outbox).await?;
    let asked = ids.len();
    if asked > 0 && !args.yes && !confirmed(asked)? {
        crate::remark("Nothing was removed.");
        return Ok(End::Wrong);
    }
    let count = outbox.discard(ids).await?;
    crate::remark(&format!("{count} removed."));
    Ok(all_or_wrong(count, asked))
}

impl Which {
    async fn ids(&self, outbox: &Outbox) -> anyhow::Result<Vec<SmolStr>> {
        if self.all {
            let parked = outbox.parked(usize::MAX).await?;
            return Ok(parked.into_iter().map(|item| item.id).collect());
        }
        Ok(self.ids.iter().map(|id| id.as_str().into()).collect())
    }
}

/// The outbox of the profile, or `None` where there is none yet.
fn open(feed: &FeedArgs) -> anyhow::Result<Option<Outbox>> {
    let path: PathBuf = feed.resolve()?.store_path.with_file_name(OUTBOX_FILE);
    if !path.exists() {
        crate::remark(&format!("There is no outbox yet ({}).", path.display()));
        return Ok(None);
    }
    kept::outbox(&path).map(Some)
}

fn nothing_parked(which: &Which) -> End {
    if which.all { End::AsAsked } else { End::Wrong }
}

fn all_or_wrong(count: usize, asked: usize) -> End {
    if count == asked {
        return End::AsAsked;
    }
    crate::remark(&format!("{} are not parked here; see `outbox list`.", asked - count));
    End::Wrong
}

fn confirmed(count: usize) -> anyhow::Result<bool> {
    let stdin = std::io::stdin();
    if !stdin.is_terminal() {
        bail!("discarding cannot be undone; confirm with --yes");
    }
    crate::remark(&format!("Remove {count} parked messages for good? [y/N]"));
    let mut answer = String::new();
    stdin.lock().read_line(&mut answer).context("the answer cannot be read")?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

fn line(item: &Item, now: UnixMillis) -> String {
    let age = age(now.since(item.queued));
    let state = match &item.state {
        EntryState::Queued if item.expires <= now => "expired".to_owned(),
        EntryState::Queued => "queued".to_owned(),
        EntryState::Sent { .. } => "sent, not acknowledged".to_owned(),
        EntryState::Parked(why) => format!("parked  {}: {}", why.code, why.message),
    };
    printable(&format!("{}  {}  {age}  {state}", item.id, item.message.ty()))
}

fn json(item: &Item) -> String {
    let (state, sent, parked) = match &item.state {
        EntryState::Queued => ("queued", None, None),
        EntryState::Sent { first } => ("sent", Some(first), None),
        EntryState::Parked(why) => ("parked", None, Some(why)),
    };
    serde_json::json!({
        "id": item.id.as_str(),
        "type": item.message.ty(),
        "stream": item.stream.as_str(),
        "state": state,
        "queuedAt": item.queued,
        "expiresAt": item.expires,
        "sentAt": sent,
        "parkedAt": parked.map(|why| why.at),
        "code": parked.map(|why| why.code.as_str()),
        "reason": parked.map(|why| why.message.as_str()),
        "bytes": item.bytes(),
    })
    .to_string()
}

fn age(age: Duration) -> String {
    match age.as_secs() {
        seconds @ 0..120 => format!("{seconds} s"),
        seconds @ 120..7_200 => format!("{} min", seconds / 60),
        seconds @ 7_200..172_800 => format!("{} h", seconds / 3_600),
        seconds => format!("{} d", seconds / 86_400),
    }
}

/// A server's words must not steer the terminal.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

#[expect(clippy::print_stdout, reason = "the list is this command's output")]
fn print(line: &str) {
    println!("{line}");
}

#[cfg(test)]
mod tests {
    use realtime::persistence::{Bounds, Entry, Parked, Settlement, StreamKey};
    use realtime::wire::Message;

    use super::*;

    #[test]
    fn a_parked_message_is_one_line_with_its_reason_whatever_the_server_wrote() {
        let message = Message::new("custom", &1, UnixMillis(0), Some("a-1")).unwrap();
        let parked = Parked {
            code: "forbidden".into(),
            message: "not \u{1b}[31myours\n".into(),
            at: UnixMillis(5),
        };
        let item = Item {
            sequence: realtime::persistence::Sequence(1),
            stream: StreamKey::profile("acme", None),
            id: "a-1".into(),
            message,
            queued: UnixMillis(0),
            expires: UnixMillis(10),
            state: EntryState::Parked(parked),
        };
        let shown = line(&item, UnixMillis(180_000));
        assert_eq!(shown, "a-1  custom  3 min  parked  forbidden: not \u{fffd}[31myours\u{fffd}");
        assert!(!json(&item).contains('\u{1b}'));
    }

    #[tokio::test]
    async fn parked_messages_are_put_back_or_discarded_while_the_app_owns_the_outbox() {
        let folder = tempfile::tempdir().unwrap();
        let feed = || FeedArgs {
            data_dir: Some(folder.path().to_owned()),
            demo: Some(None),
            ..FeedArgs::default()
        };
        let path = feed().resolve().unwrap().store_path.with_file_name(OUTBOX_FILE);
        let (owner, _) = Outbox::open(&path, Bounds::default()).unwrap();
        let stream = StreamKey::profile("demo", None);
        for id in ["a", "b"] {
            let message = Message::new("custom", &1, UnixMillis(0), Some(id)).unwrap();
            let entry = Entry::new(stream.clone(), message, UnixMillis(0), UnixMillis(1)).unwrap();
            owner.enqueue(entry).await.unwrap();
            let why = Parked { code: "x".into(), message: "y".into(), at: UnixMillis(0) };
            owner.settle(vec![(id.into(), Settlement::Parked(why))]).await.unwrap();
        }
        let one = |id: &str| Which { ids: vec![id.to_owned()], all: false };
        let time = Duration::from_secs(60);
        let end = retry(RetryArgs { feed: feed(), which: one("a"), time }).await.unwrap();
        assert!(matches!(end, End::AsAsked));
        assert_eq!(owner.unsettled(&stream, None, 10).await.unwrap()[0].id, "a");
        let unknown = DiscardArgs { feed: feed(), which: one("a"), yes: true };
        assert!(matches!(discard(unknown).await.unwrap(), End::Wrong), "no longer parked");
        let all = Which { ids: Vec::new(), all: true };
        discard(DiscardArgs { feed: feed(), which: all, yes: true }).await.unwrap();
        let left = owner.list(None, 10).await.unwrap();
        assert_eq!(left.iter().map(|item| item.id.as_str()).collect::<Vec<_>>(), ["a"]);
    }
}
