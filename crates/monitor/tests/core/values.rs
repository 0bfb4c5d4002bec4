//! Last values: their age, their order, and what is no value.

use crate::watch::*;

#[tokio::test]
async fn values_go_stale_with_age_and_with_the_feed() {
    let mut watch = Watch::start(acme(), Store::in_memory().unwrap()).await;
    watch.vault("A", "80");
    watch.settled().await;
    let a = || VaultId::new("A").unwrap();
    let freshness =
        async |watch: &Watch| watch.monitor.vault_detail(a()).await.unwrap().row.freshness;
    assert_eq!(freshness(&watch).await, Freshness::Live);
    watch.clock.advance(Duration::from_secs(61));
    let stale = |call: &Call| match call {
        Call::Tray(tray) if tray.state_line.contains("stale") => Some(()),
        _ => None,
    };
    watch.until("the tray to tell of it", stale).await;
    assert_eq!(freshness(&watch).await, Freshness::Stale);
    watch.vault("A", "81");
    watch.settled().await;
    assert_eq!(freshness(&watch).await, Freshness::Live);
}

#[tokio::test]
async fn late_state_is_dropped_and_a_clock_step_is_applied() {
    let mut watch = Watch::start(acme(), Store::in_memory().unwrap()).await;
    let send = |at: i64, ltv: &str| {
        let text =
            format!(r#"{{"type":"vault_update_A","data":{{"ltv":{ltv}}},"timestamp":{at}}}"#);
        watch.server.send(text).unwrap();
    };
    send(100_000, "50");
    send(96_000, "51");
    send(50_000, "52");
    watch.settled().await;
    let statistics = watch.monitor.statistics().await;
    assert_eq!((statistics.late, statistics.clock_steps), (1, 1));
    let detail = watch.monitor.vault_detail(VaultId::new("A").unwrap()).await.unwrap();
    assert_eq!(detail.row.ltv.unwrap().to_string(), "52");
}

#[tokio::test]
async fn invalid_messages_are_counted_named_and_bounded() {
    let mut watch = Watch::start(acme(), Store::in_memory().unwrap()).await;
    for _ in 0..100 {
        watch.send("vault_update_A", r#"{"ltv":"high"}"#);
    }
    watch.server.send("{oops".to_owned()).unwrap();
    watch.settled().await;
    let feed = watch.attach().await.feed;
    assert_eq!(feed.invalid, 101);
    assert_eq!(feed.recent_invalid.len(), 2, "one report per kind and minute");
    assert!(feed.recent_invalid[1].reason.contains("data.ltv"), "{:?}", feed.recent_invalid);
    assert_eq!(feed.recent_invalid[1].more, 99);
    assert_eq!(feed.recent_invalid[0].sample, "{oops");
    assert_eq!(watch.monitor.statistics().await.vaults, 0, "nothing of them was applied");
}
