//! Alerts in the language that was chosen, or the system's.

use domain::view::{LanguageChoice, Preferences};
use domain::{Language, Level};
use monitor::Notice;

use crate::watch::*;

fn chosen(language: LanguageChoice) -> Preferences {
    Preferences { language, ..Preferences::default() }
}

async fn verdict(watch: &Watch, vault: &str) -> String {
    watch.monitor.vault_detail(VaultId::new(vault).unwrap()).await.unwrap().verdict
}

#[tokio::test]
async fn nobody_chose_a_language_and_the_systems_is_spoken() {
    let german = |options: &mut Options| options.system_language = Language::German;
    let mut watch = Watch::start_with(acme(), Store::in_memory().unwrap(), german).await;
    watch.vault("A", "77");
    assert_eq!(watch.notified().await.title, "A: 6,6 % bis zur Liquidation");
    assert_eq!(verdict(&watch, "A").await, "6,6 % Abstand zur Liquidation.");
    watch.monitor.set_preferences(chosen(LanguageChoice::English));
    assert_eq!(watch.monitor.language().await, Some(Language::English));
    watch.vault("B", "77");
    assert_eq!(watch.notified().await.title, "B: 6.6 % to liquidation");
}

#[tokio::test]
async fn a_choice_counts_at_once_and_after_a_start_and_whatever_else_changes() {
    let store = Store::in_memory().unwrap();
    let mut watch = Watch::start(acme(), store.clone()).await;
    watch.vault("A", "77");
    assert_eq!(watch.notified().await.title, "A: 6.6 % to liquidation");
    watch.monitor.set_preferences(chosen(LanguageChoice::German));
    watch.vault("B", "77");
    assert_eq!(watch.notified().await.title, "B: 6,6 % bis zur Liquidation");
    // Other numbers of alerts come from the settings' file, which knows of no language.
    watch.monitor.set_policy(alerts::Policy::default()).await.unwrap();
    watch.vault("C", "77");
    assert_eq!(watch.notified().await.title, "C: 6,6 % bis zur Liquidation");
    assert_eq!(verdict(&watch, "A").await, "6,6 % Abstand zur Liquidation.");
    watch.monitor.shutdown().await;

    let again = Watch::start(acme(), store).await;
    assert_eq!(again.monitor.language().await, Some(Language::German));
    let told = again.monitor.notifications().await;
    let titles: Vec<_> = told.iter().map(|one| one.title.as_str()).collect();
    assert!(titles.contains(&"A: 6.6 % to liquidation"), "as it was written: {titles:?}");
}

/// Until the tray speaks this language, and its line that says how everything stands ends so.
async fn tray_says(watch: &mut Watch, language: Language, ending: &str) {
    watch
        .until(ending, |call| match call {
            Call::Tray(tray) if tray.language == language => {
                tray.state_line.ends_with(ending).then_some(())
            }
            _ => None,
        })
        .await;
}

#[tokio::test]
async fn the_tray_speaks_a_chosen_language_at_once() {
    let mut watch = Watch::start(acme(), Store::in_memory().unwrap()).await;
    watch.vault("A", "10");
    tray_says(&mut watch, Language::English, "1 vault").await;
    watch.monitor.set_preferences(chosen(LanguageChoice::German));
    tray_says(&mut watch, Language::German, "1 Vault").await;
    watch.vault("B", "77");
    assert_eq!(watch.notified().await.language, Language::German, "and so do its buttons");
}

#[tokio::test]
async fn the_programs_own_notices_are_kept_in_the_language_in_which_they_were_told() {
    let watch = Watch::start(acme(), Store::in_memory().unwrap()).await;
    watch.monitor.set_preferences(chosen(LanguageChoice::German));
    let words = |language| match language {
        Language::English => ("A title", "A message."),
        Language::German => ("Ein Titel", "Eine Nachricht."),
    };
    watch.monitor.notice(Notice::system(Level::High, words)).await.unwrap();
    watch.monitor.set_preferences(chosen(LanguageChoice::English));
    watch.monitor.notice(Notice::system(Level::High, words)).await.unwrap();
    let told = watch.monitor.notifications().await;
    let titles: Vec<_> = told.iter().map(|one| one.title.as_str()).collect();
    for title in ["Ein Titel", "A title"] {
        assert!(titles.contains(&title), "{title}: {titles:?}");
    }
}

#[tokio::test]
async fn whoever_is_read_by_programs_speaks_english_whatever_was_chosen() {
    let store = Store::in_memory().unwrap();
    let watch = Watch::start(acme(), store.clone()).await;
    watch.monitor.set_preferences(chosen(LanguageChoice::German));
    watch.monitor.shutdown().await;
    let english = |options: &mut Options| options.only_language = Some(Language::English);
    let mut again = Watch::start_with(acme(), store, english).await;
    again.vault("A", "77");
    assert_eq!(again.notified().await.title, "A: 6.6 % to liquidation");
    assert_eq!(again.monitor.language().await, Some(Language::English));
}
