//! What `realtime` asks of its persistence, held by the one in memory and by the one on disk.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use realtime::Persistence;
use realtime::persistence::{
    Bounds, Entry, EntryState, ErrorKind, InMemory, Parked, Settlement, StreamKey,
};
use realtime::wire::{Message, Position, UnixMillis};
use smol_str::SmolStr;
use store::{Durable, Outbox, Store};

fn entry_for(stream: &StreamKey, id: &str, queued: i64) -> Entry {
    let amount: Box<serde_json::value::RawValue> =
        serde_json::from_str("1.2345678901234567890123456789012").unwrap();
    let message = Message::new("custom", &amount, UnixMillis(7), Some(id)).unwrap();
    Entry::new(stream.clone(), message, UnixMillis(queued), UnixMillis(queued + 100)).unwrap()
}

fn stream() -> StreamKey {
    StreamKey::profile("acme", None)
}

fn entry(id: &str) -> Entry {
    entry_for(&stream(), id, 10)
}

fn ids(all: &[&str]) -> Vec<SmolStr> {
    all.iter().map(SmolStr::new).collect()
}

fn refusal(at: i64) -> Parked {
    Parked { code: "forbidden".into(), message: "not yours".into(), at: UnixMillis(at) }
}

async fn waiting(kept: &dyn Persistence) -> Vec<SmolStr> {
    let items = kept.unsettled(&stream(), None, 100).await.unwrap();
    items.into_iter().map(|item| item.id).collect()
}

/// Runs a check on both, each new and with these bounds.
async fn both(bounds: Bounds, check: impl AsyncFn(&dyn Persistence)) {
    check(&InMemory::new(bounds)).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vaultwatch.db");
    let store = Store::open(&path).unwrap().0;
    check(&Durable::beside(store, &path, bounds).unwrap().0).await;
}

#[tokio::test]
async fn items_wait_in_order_digit_for_digit_and_page_by_page() {
    both(Bounds::default(), async |kept| {
        let other = StreamKey::profile("acme", Some("other"));
        let first = kept.enqueue(entry("a")).await.unwrap();
        kept.enqueue(entry_for(&other, "x", 10)).await.unwrap();
        let sent = kept.enqueue(entry_for(&stream(), "b", 11).sent_at_once()).await.unwrap();
        assert!(first < sent);
        let page = kept.unsettled(&stream(), None, 1).await.unwrap();
        assert_eq!(page.len(), 1);
        assert_eq!(page[0].message, *entry("a").message(), "not a digit is lost");
        assert_eq!((page[0].queued, page[0].expires), (UnixMillis(10), UnixMillis(110)));
        assert_eq!(page[0].state, EntryState::Queued);
        let rest = kept.unsettled(&stream(), Some(page[0].sequence), 10).await.unwrap();
        assert_eq!(rest.len(), 1, "another stream's items are not this one's");
        assert_eq!(rest[0].id, "b");
        assert_eq!(rest[0].state, EntryState::Sent { first: UnixMillis(11) });
    })
    .await;
}

#[tokio::test]
async fn the_first_time_of_sending_is_kept() {
    both(Bounds::default(), async |kept| {
        kept.enqueue(entry("a")).await.unwrap();
        kept.sending(ids(&["a", "unknown"]), UnixMillis(20)).await.unwrap();
        kept.sending(ids(&["a"]), UnixMillis(30)).await.unwrap();
        let items = kept.unsettled(&stream(), None, 10).await.unwrap();
        assert_eq!(items[0].state, EntryState::Sent { first: UnixMillis(20) });
    })
    .await;
}

#[tokio::test]
async fn what_is_settled_is_gone_and_what_is_refused_is_parked() {
    both(Bounds::default(), async |kept| {
        for id in ["acked", "expired", "cancelled", "refused", "stays"] {
            kept.enqueue(entry(id)).await.unwrap();
        }
        let settled = vec![
            ("acked".into(), Settlement::Acked),
            ("expired".into(), Settlement::Expired),
            ("cancelled".into(), Settlement::Cancelled),
            ("refused".into(), Settlement::Parked(refusal(50))),
            ("unknown".into(), Settlement::Acked),
        ];
        kept.settle(settled).await.unwrap();
        assert_eq!(waiting(kept).await, ["stays"]);
        let parked = kept.parked(10).await.unwrap();
        assert_eq!(parked.len(), 1);
        assert_eq!(parked[0].state, EntryState::Parked(refusal(50)));
    })
    .await;
}

#[tokio::test]
async fn parked_items_are_put_back_where_they_were_or_discarded() {
    both(Bounds::default(), async |kept| {
        for id in ["a", "b", "c"] {
            kept.enqueue(entry(id).sent_at_once()).await.unwrap();
        }
        let refused = |id: &str| (SmolStr::new(id), Settlement::Parked(refusal(1)));
        kept.settle(vec![refused("a"), refused("b")]).await.unwrap();
        assert_eq!(kept.requeue(ids(&["a", "c", "unknown"]), UnixMillis(900)).await.unwrap(), 1);
        let items = kept.unsettled(&stream(), None, 10).await.unwrap();
        assert_eq!((items[0].id.as_str(), items[0].expires), ("a", UnixMillis(900)));
        assert_eq!(items[0].state, EntryState::Queued, "as never sent");
        assert_eq!(kept.discard(ids(&["a", "b"])).await.unwrap(), 1, "only what is parked");
        assert_eq!(waiting(kept).await, ["a", "c"]);
        assert_eq!(kept.depth().parked, 0);
    })
    .await;
}

#[tokio::test]
async fn an_id_is_kept_once_and_free_again_when_settled() {
    both(Bounds::default(), async |kept| {
        kept.enqueue(entry("a")).await.unwrap();
        let again = kept.enqueue(entry("a")).await.unwrap_err();
        assert_eq!(again.kind(), ErrorKind::Duplicate);
        assert_eq!(kept.depth().messages, 1);
        kept.settle(vec![("a".into(), Settlement::Acked)]).await.unwrap();
        kept.enqueue(entry("a")).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn the_bounds_hold_parked_items_included_and_give_back() {
    let bytes = entry("a").bytes();
    both(Bounds { messages: 2, bytes: 1 << 20 }, async |kept| {
        kept.enqueue(entry("a")).await.unwrap();
        kept.enqueue(entry("b")).await.unwrap();
        kept.settle(vec![("a".into(), Settlement::Parked(refusal(1)))]).await.unwrap();
        assert_eq!(kept.enqueue(entry("c")).await.unwrap_err().kind(), ErrorKind::Full);
        assert_eq!(kept.discard(ids(&["a"])).await.unwrap(), 1);
        kept.enqueue(entry("c")).await.unwrap();
        assert_eq!(waiting(kept).await, ["b", "c"]);
    })
    .await;
    both(Bounds { messages: 100, bytes: 2 * bytes }, async |kept| {
        kept.enqueue(entry("a")).await.unwrap();
        kept.enqueue(entry("b")).await.unwrap();
        assert_eq!(kept.enqueue(entry("c")).await.unwrap_err().kind(), ErrorKind::Full);
        kept.settle(vec![("b".into(), Settlement::Acked)]).await.unwrap();
        kept.enqueue(entry("c")).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn the_depth_tells_of_the_oldest_that_still_waits() {
    both(Bounds::default(), async |kept| {
        assert_eq!(kept.depth(), realtime::persistence::Depth::default());
        kept.enqueue(entry_for(&stream(), "a", 30)).await.unwrap();
        kept.enqueue(entry_for(&stream(), "b", 20)).await.unwrap();
        assert_eq!(kept.depth().oldest, Some(UnixMillis(20)));
        kept.settle(vec![("b".into(), Settlement::Parked(refusal(1)))]).await.unwrap();
        let depth = kept.depth();
        assert_eq!((depth.messages, depth.parked, depth.oldest), (2, 1, Some(UnixMillis(30))));
        assert_eq!(depth.bytes, entry("a").bytes() + entry("b").bytes());
    })
    .await;
}

#[tokio::test]
async fn requests_take_effect_in_the_order_of_the_calls_and_dropped_answers_undo_nothing() {
    both(Bounds::default(), async |kept| {
        drop(kept.enqueue(entry("a")));
        let second = kept.enqueue(entry("b"));
        let gone = kept.settle(vec![("a".into(), Settlement::Acked)]);
        let list = kept.unsettled(&stream(), None, 10);
        let list = list.await.unwrap();
        assert_eq!(list.len(), 1);
        assert_eq!(list[0].sequence, second.await.unwrap());
        gone.await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_position_is_that_of_its_stream_and_the_last_one_saved() {
    both(Bounds::default(), async |kept| {
        let other = StreamKey::profile("acme", Some("t"));
        assert_eq!(kept.load_position(&stream()).await.unwrap(), None);
        let far = Position { epoch: "e1".into(), offset: u64::MAX };
        let anew = Position { epoch: "e2".into(), offset: 3 };
        kept.save_position(&stream(), far.clone()).await.unwrap();
        assert_eq!(kept.load_position(&stream()).await.unwrap(), Some(far));
        kept.save_position(&stream(), anew.clone()).await.unwrap();
        assert_eq!(kept.load_position(&stream()).await.unwrap(), Some(anew));
        assert_eq!(kept.load_position(&other).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn two_owners_are_refused_but_one_may_look_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("outbox.db");
    let (owner, _) = Outbox::open(&path, Bounds::default()).unwrap();
    let refused = Outbox::open(&path, Bounds::default()).unwrap_err();
    assert_eq!(refused.kind, store::StoreErrorKind::InUse);
    owner.enqueue(entry("a")).await.unwrap();
    owner.settle(vec![("a".into(), Settlement::Parked(refusal(1)))]).await.unwrap();
    let guest = Outbox::attach(&path, Bounds::default()).unwrap();
    assert_eq!(guest.parked(10).await.unwrap().len(), 1);
    assert_eq!(guest.discard(ids(&["a"])).await.unwrap(), 1);
    assert_eq!(owner.parked(10).await.unwrap().len(), 0);
    assert_eq!(owner.depth().messages, 0, "what another process did counts, too");
    drop((guest, owner));
    Outbox::open(&path, Bounds::default()).unwrap();
}
