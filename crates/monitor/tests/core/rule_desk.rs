//! Rules changed from a form: in the file, in force at once, and played over the past before that.

use std::path::Path;

use domain::Vault;
use domain::rules::{Entry, Number, RuleOptions, RulesEdit};
use domain::sample::Sample;
use domain::vault::VaultPatch;
use domain::view::{
    DryRunAnswer, DryRunOf, DryRunQuery, DryRunView, MomentKind, RulesAnswer, RulesView,
};
use monitor::rules::{RuleDesk, RulesError, RulesPlace};
use store::{Fold, History, HistoryRetention, SeriesKey};

use crate::watch::*;

const FILE: &str = "# The desk's.\n[profiles.acme]\nurl = \"wss://feed.example\" # new\n";

struct Desk {
    folder: tempfile::TempDir,
    rules: RuleDesk,
}

impl Desk {
    fn of(watch: &Watch) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("config.toml"), FILE).unwrap();
        let place = RulesPlace {
            config: folder.path().join("config.toml"),
            profile: "acme".to_owned(),
            history: folder.path().join("history.db"),
        };
        Self { folder, rules: RuleDesk::new(watch.monitor.clone(), place) }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn file(&self) -> String {
        std::fs::read_to_string(self.path().join("config.toml")).unwrap()
    }

    async fn change(&self, edit: &RulesEdit) -> RulesAnswer {
        let view = self.rules.view().await.unwrap();
        self.rules.change(&view.revision, edit).await.unwrap()
    }

    async fn saved(&self, edit: &RulesEdit) -> RulesView {
        match self.change(edit).await {
            RulesAnswer::Saved(view) => view,
            other => panic!("{other:?}"),
        }
    }

    async fn dry_run(&self, what: DryRunOf, hours: u32) -> DryRunView {
        match self.rules.dry_run(DryRunQuery { what, hours }).await.unwrap() {
            DryRunAnswer::Report(view) => view,
            other => panic!("{other:?}"),
        }
    }
}

fn rule(enter: &str, exit: &str) -> RuleOptions {
    RuleOptions {
        name: "ltv".into(),
        metric: "ltv".into(),
        when: Some("above".into()),
        severity: Some("critical".into()),
        enter: Some(Number::new(enter)),
        exit: Some(Number::new(exit)),
        hold: Some("0s".into()),
        recovery: Some("0s".into()),
        ..RuleOptions::default()
    }
}

fn put(at: Option<usize>, rule: RuleOptions) -> RulesEdit {
    RulesEdit::PutRule { at, rule: Box::new(rule) }
}

async fn over(watch: &mut Watch, id: NotificationId) -> String {
    watch
        .until("its end", |call| match call {
            Call::Window(WindowEvent::Notification(view))
                if view.id == id && view.state == NotificationState::Resolved =>
            {
                Some(view.title.clone())
            }
            _ => None,
        })
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_saved_rule_is_in_the_file_and_in_force_at_once_and_can_be_taken_back() {
    let mut watch = Watch::start(acme(), Store::in_memory().unwrap()).await;
    let desk = Desk::of(&watch);
    watch.vault("A", "51");
    assert_eq!(notifications(&watch.settled().await), 0);
    let view = desk.saved(&put(None, rule("50", "45"))).await;
    let shown = watch.notified().await;
    assert_eq!(shown.title, "A: LTV 51.0 %", "without another value");
    assert!(desk.file().starts_with(FILE), "{}", desk.file());
    assert!(view.undo && view.locked.is_none() && view.options.rule.len() == 1);
    // What the next start reads is what is in force.
    let args = monitor::config::FeedArgs {
        data_dir: Some(desk.path().to_owned()),
        ..monitor::config::FeedArgs::default()
    };
    assert_eq!(args.resolve().unwrap().rules.rules().len(), 1);

    let view = desk.saved(&put(Some(0), rule("60", "55"))).await;
    assert_eq!(over(&mut watch, shown.id).await, "A recovered: LTV 51.0 %");
    assert!(view.undo);
    let view = desk.rules.undo().await.unwrap();
    assert!(!view.undo, "one step");
    assert_eq!(watch.notified().await.title, "A: LTV 51.0 %");
    assert!(matches!(desk.rules.undo().await, Err(RulesError::Changed)));
    let before = desk.file();
    let gone = desk.saved(&RulesEdit::RemoveRule { at: 0 }).await;
    assert_eq!((gone.options.rule.len(), desk.file().as_str()), (0, FILE));
    desk.rules.undo().await.unwrap();
    assert_eq!(desk.file(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn nonsense_is_refused_with_its_field_and_nothing_is_written() {
    let watch = Watch::start(acme(), Store::in_memory().unwrap()).await;
    let desk = Desk::of(&watch);
    let wrong = put(None, RuleOptions { metric: "rooom".into(), ..rule("50", "55") });
    let faults = desk.rules.check(&wrong).await.unwrap();
    assert_eq!((faults[0].entry, faults[0].field.as_str()), (Entry::Rule(0), "metric"));
    assert!(faults[0].reason.starts_with("is `rooom`; known are room"), "{faults:?}");
    let wrong = put(None, rule("50", "55"));
    let RulesAnswer::Faulty(faults) = desk.change(&wrong).await else { panic!("refused") };
    assert_eq!(faults[0].field, "exit");
    assert!(faults[0].reason.starts_with("is 55, on the wrong side of enter (50)"), "{faults:?}");
    assert!(matches!(
        desk.rules.dry_run(DryRunQuery { what: DryRunOf::Rule { at: None, rule: Box::new(rule("1", "2")) }, hours: 1 }).await,
        Ok(DryRunAnswer::Faulty(faults)) if faults.len() == 1
    ));
    assert_eq!(desk.file(), FILE);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_else_wrote_meanwhile_is_not_written_over() {
    let watch = Watch::start(acme(), Store::in_memory().unwrap()).await;
    let desk = Desk::of(&watch);
    let seen = desk.rules.view().await.unwrap();
    let theirs = format!("{FILE}[labels]\ndesk = [\"A\"]\n");
    std::fs::write(desk.path().join("config.toml"), &theirs).unwrap();
    let answer = desk.rules.change(&seen.revision, &put(None, rule("50", "45"))).await.unwrap();
    let RulesAnswer::Outdated(now) = answer else { panic!("{answer:?}") };
    assert_eq!(now.options.labels.len(), 1);
    assert_eq!(desk.file(), theirs);
    desk.saved(&put(None, rule("50", "45"))).await;
    std::fs::write(desk.path().join("config.toml"), &theirs).unwrap();
    assert!(matches!(desk.rules.undo().await, Err(RulesError::Changed)));
    // A file that makes no sense is corrected where it was written.
    std::fs::write(desk.path().join("config.toml"), "[profiles.acme]\nurll = 1\n").unwrap();
    let view = desk.rules.view().await.unwrap();
    assert!(view.locked.as_deref().is_some_and(|why| why.contains("urll")), "{view:?}");
    let refused = desk.rules.change(&view.revision, &put(None, rule("50", "45"))).await;
    assert!(matches!(refused, Err(RulesError::Invalid(_))), "{refused:?}");
}

/// Six hours ago an hour of vault A: over 70 % in minutes 20 to 29, and for less than a minute in minute 40.
async fn past(desk: &Desk, now: UnixMillis) -> UnixMillis {
    let path = desk.path().join("history.db");
    let history = History::open(&path, HistoryRetention::default()).unwrap();
    let begun = (now.0 / 60_000 - 6 * 60) * 60_000;
    let mut fold = Fold::default();
    let mut recorded = Vec::new();
    for minute in 0..60 {
        let ltvs: &[&str] = match minute {
            20..30 => &["72.5"],
            40 => &["60", "79", "61"],
            _ => &["60"],
        };
        for (third, ltv) in (0..).zip(ltvs) {
            let mut vault = Vault::unknown(VaultId::new("A").unwrap());
            let patch = format!(r#"{{"ltv":"{ltv}","liquidationThreshold":"82.5"}}"#);
            vault.apply(serde_json::from_str::<VaultPatch>(&patch).unwrap());
            let at = UnixMillis(begun + minute * 60_000 + third * 20_000);
            fold.add(SeriesKey::Vault(vault.id.clone()), &Sample::of(&vault), at);
        }
        recorded.extend(fold.take());
    }
    history.record(recorded, now).unwrap().await.unwrap();
    UnixMillis(begun)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_in_a_form_is_played_over_the_past() {
    let mut watch = Watch::start(acme(), Store::in_memory().unwrap()).await;
    let desk = Desk::of(&watch);
    watch.vault("A", "60");
    watch.settled().await;
    let now = monitor::Clock::now(&*watch.clock);
    let of = |rule: RuleOptions| DryRunOf::Rule { at: None, rule: Box::new(rule) };
    let nothing = desk.dry_run(of(rule("70", "68")), 24).await;
    assert_eq!((nothing.values, nothing.raised), (0, 0), "no history yet");

    let begun = past(&desk, now).await;
    // One that is not switched on is tried out as if it were.
    let off = RuleOptions { enabled: Some(false), ..rule("70", "68") };
    let report = desk.dry_run(of(off), 24).await;
    assert_eq!((report.raised, report.open), (2, 0), "{report:?}");
    let first = &report.moments[0];
    let raised = UnixMillis(begun.0 + 20 * 60_000);
    assert_eq!((first.what, first.at, first.level), (MomentKind::Raised, raised, Level::Critical));
    assert_eq!(report.moments[1].what, MomentKind::Over);
    assert_eq!(first.condition, report.moments[1].condition);
    let longer = RuleOptions { hold: Some("5m".into()), ..rule("70", "68") };
    assert_eq!(desk.dry_run(of(longer), 24).await.raised, 1, "the spike was too short");
    let elsewhere = {
        let mut rule = rule("70", "68");
        rule.scope.vaults = vec!["B".into()];
        rule
    };
    assert_eq!(desk.dry_run(of(elsewhere), 24).await.values, 0);
    assert_eq!(desk.dry_run(of(rule("70", "68")), 3).await.values, 0, "it was before that");
    // The ladder that is always there: 72.5 of 82.5 is 12.1 % of room, 79 is 4.2 %.
    let built_in = desk.dry_run(DryRunOf::BuiltIn(VaultId::new("A").unwrap()), 24).await;
    assert_eq!((built_in.raised, built_in.moments[0].level), (2, Level::High), "{built_in:?}");
    assert_eq!(desk.file(), FILE, "trying out changes nothing");
}
