//! The settings' file, edited by hand while a watch runs.

use std::path::Path;

use domain::Language;
use domain::rules::{Number, RuleOptions, RulesEdit};
use domain::view::NotificationView;
use monitor::config::{FeedArgs, Follow};
use monitor::rules::{RuleDesk, RulesPlace};
use proving::patience::until_so;
use tokio::sync::mpsc::UnboundedReceiver;

use crate::watch::*;

const FILE: &str = "# The desk's.\n[profiles.acme]\nurl = \"wss://feed.example\"\n";
const RULE: &str = "[[rule]]\nname = \"ltv\"\nmetric = \"ltv\"\nwhen = \"above\"\nenter = 50\nexit = 45\n\
                    severity = \"critical\"\nfor = \"0s\"\nrecovery = \"0s\"\n";

/// A watch whose file is followed.
struct Desk {
    folder: tempfile::TempDir,
    watch: Watch,
    /// Titles of what the follower told.
    told: UnboundedReceiver<String>,
}

impl Desk {
    async fn start(file: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("config.toml"), file).unwrap();
        Self::at(folder).await
    }

    async fn at(folder: tempfile::TempDir) -> Self {
        let watch = Watch::start(acme(), Store::in_memory().unwrap()).await;
        let args = args(folder.path());
        let found = args.resolve_or_last_good().unwrap();
        let follow = Follow::new(&args, &found).unwrap().keeping_last_good();
        let (tell, told) = tokio::sync::mpsc::unbounded_channel();
        let monitor = watch.monitor.clone();
        tokio::spawn(follow.run(
            monitor,
            |_| {},
            move |notice| {
                tell.send(notice.said.title(Language::English).to_owned()).unwrap_or_default();
            },
        ));
        Self { folder, watch, told }
    }

    fn write(&self, text: &str) {
        std::fs::write(self.folder.path().join("config.toml"), text).unwrap();
    }

    async fn told(
        &mut self,
        what: &str,
        fits: impl Fn(&NotificationView) -> bool,
    ) -> NotificationView {
        self.watch
            .until(what, |call| match call {
                Call::Window(WindowEvent::Notification(view)) if fits(view) => Some(view.clone()),
                _ => None,
            })
            .await
    }

    fn last_good(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("config.last-good.toml"))
            .unwrap_or_default()
    }
}

fn args(folder: &Path) -> FeedArgs {
    FeedArgs { data_dir: Some(folder.to_owned()), ..FeedArgs::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_written_by_hand_is_in_force_and_announced() {
    let mut desk = Desk::start(FILE).await;
    desk.watch.vault("A", "51");
    assert!(!desk.watch.settled().await.iter().any(|call| matches!(call, Call::Notify(_))));
    desk.write(&format!("{FILE}{RULE}"));
    assert!(desk.watch.notified().await.title.starts_with("A: LTV 51"));
    let notice = desk.told("the notice", |view| view.title == "The settings were changed").await;
    assert_eq!(notice.message, "In force: rules and policies.");
    assert_eq!(desk.told.recv().await.unwrap(), notice.title);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_file_changes_nothing_and_is_told_until_it_is_mended() {
    let mut desk = Desk::start(&format!("{FILE}{RULE}")).await;
    // As the app does with what it has resolved at its start.
    let book = args(desk.folder.path()).resolve().unwrap().rules;
    desk.watch.monitor.set_rules(book).await.unwrap();
    desk.write(&format!("{FILE}{}", RULE.replace("enter = 50", "entr = 90")));
    let fault = desk.told("the fault", |view| view.title.contains("config.toml")).await;
    assert!(
        fault.message.starts_with(
            "line 8, column 1: rule.0.entr: unknown key `entr`; did you mean `enter`?"
        ),
        "{}",
        fault.message
    );
    assert_eq!((fault.severity, fault.state), (Level::High, NotificationState::Firing));
    desk.watch.vault("A", "51");
    let alert = desk.watch.until("the rule's alert", |call| match call {
        Call::Notify(shown) if shown.title.starts_with("A:") => Some(shown.title.clone()),
        _ => None,
    });
    assert!(alert.await.starts_with("A: LTV 51"), "the last good one stays in force");

    desk.write(&format!("# Mended.\n{FILE}{RULE}"));
    let end = desk
        .told("its end", |view| view.id == fault.id && view.state == NotificationState::Resolved);
    assert_eq!(end.await.title, "The settings can be read again");
    assert!(desk.told.try_recv().is_err(), "nothing else has changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_needs_a_new_connection_is_said_to_wait() {
    let mut desk = Desk::start(FILE).await;
    desk.write(&FILE.replace("feed.example", "new.example"));
    let notice = desk.told("the notice", |view| view.title.contains("restart")).await;
    assert_eq!(notice.message, "From the next start of VaultWatch: profiles.acme.url.");
    // The profile that is watched is gone: that cannot count.
    desk.write("[profiles.other]\nurl = \"wss://other.example\"\n");
    let fault = desk.told("the fault", |view| view.title.contains("config.toml")).await;
    assert!(fault.message.contains("no profile `acme`"), "{}", fault.message);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_window_writes_is_nobodys_edit() {
    let mut desk = Desk::start(FILE).await;
    let rules = RuleDesk::new(
        desk.watch.monitor.clone(),
        RulesPlace {
            config: desk.folder.path().join("config.toml"),
            profile: "acme".to_owned(),
            history: desk.folder.path().join("history.db"),
        },
    );
    let rule = RuleOptions {
        name: "ltv".into(),
        metric: "ltv".into(),
        when: Some("above".into()),
        severity: Some("critical".into()),
        enter: Some(Number::new("50")),
        ..RuleOptions::default()
    };
    let revision = rules.view().await.unwrap().revision;
    let put = RulesEdit::PutRule { at: None, rule: Box::new(rule) };
    rules.change(&revision, &put).await.unwrap();
    // Known as soon as its copy is kept; a comment written after that is no change either.
    until_so("the copy of what was written", async || desk.last_good().contains("\"ltv\"")).await;
    let file = std::fs::read_to_string(desk.folder.path().join("config.toml")).unwrap();
    desk.write(&format!("{file}[alerts]\nnotifyFrom = \"high\"\n"));
    assert_eq!(desk.told.recv().await.unwrap(), "The settings were changed");
    let notice = desk.told("the notice", |view| view.title == "The settings were changed").await;
    assert_eq!(notice.message, "In force: how alerts are told.", "and the rules are not told of");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_with_a_broken_file_goes_on_with_the_copy_and_takes_the_mended_file() {
    let desk = Desk::start(FILE).await;
    until_so("a copy of a good start", async || !desk.last_good().is_empty()).await;
    desk.write("[profiles.acme\n");
    let Desk { folder, .. } = desk;

    let mut desk = Desk::at(folder).await;
    let fault = desk.told("the fault", |view| view.title.contains("config.toml")).await;
    assert!(
        fault.message.starts_with("line 1") && fault.message.contains("The last settings"),
        "{}",
        fault.message
    );
    let shown = desk.watch.until("it on the screen", |call| match call {
        Call::Withdraw(id) => Some(*id),
        _ => None,
    });
    std::fs::write(folder_of(&desk.folder), format!("{FILE}{RULE}")).unwrap();
    assert_eq!(shown.await, fault.id, "gone when mended");
    desk.watch.vault("A", "51");
    let alert = desk.watch.until("the rule's alert", |call| match call {
        Call::Notify(shown) if shown.title.starts_with("A:") => Some(()),
        _ => None,
    });
    alert.await;
}

fn folder_of(folder: &tempfile::TempDir) -> std::path::PathBuf {
    folder.path().join("config.toml")
}
