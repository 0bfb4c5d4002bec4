//! Whatever a server says of positions, nothing of its log comes twice or out of order.

use super::*;

#[derive(Clone, Copy, Debug)]
enum Saying {
    /// What fits behind the message before.
    Next,
    Logged {
        offset: u64,
        prev: u64,
    },
    SnapshotItem {
        offset: u64,
    },
    SnapshotEnd {
        offset: u64,
    },
    Resumed {
        ok: bool,
        offset: u64,
    },
    Subscribed {
        offset: u64,
    },
    /// The connection is made anew, and this is its welcome.
    Welcome {
        resumed: bool,
        epoch: &'static str,
        head: u64,
        replay: u64,
    },
}

fn saying() -> impl Strategy<Value = Saying> {
    let offset = || 1_u64..30;
    prop_oneof![
        6 => Just(Saying::Next),
        4 => (offset(), offset()).prop_map(|(offset, prev)| Saying::Logged { offset, prev }),
        1 => offset().prop_map(|offset| Saying::SnapshotItem { offset }),
        2 => offset().prop_map(|offset| Saying::SnapshotEnd { offset }),
        3 => (any::<bool>(), offset()).prop_map(|(ok, offset)| Saying::Resumed { ok, offset }),
        1 => offset().prop_map(|offset| Saying::Subscribed { offset }),
        1 => (any::<bool>(), prop_oneof![3 => Just("e"), 1 => Just("other")], offset(), 0_u64..3)
            .prop_map(|(resumed, epoch, head, replay)| Saying::Welcome { resumed, epoch, head, replay }),
    ]
}

/// The log as it was delivered since it last became another one.
#[derive(Debug, Default)]
struct Order {
    last: Option<u64>,
    /// No position that was told since lies behind this one.
    told: u64,
}

impl Order {
    fn told(&mut self, offset: u64) {
        self.told = self.told.max(offset);
    }

    /// A server whose head lies before what was told of has lost its log, or has another one.
    fn head(&mut self, head: u64) {
        if head < self.told {
            *self = Self::default();
        }
    }

    fn check(&mut self, delivered: &mut Vec<Inbound>) -> Result<(), TestCaseError> {
        for inbound in delivered.drain(..) {
            let Inbound::Message(message) = inbound else { continue };
            let Some(Place::Log { offset, .. }) = message.place else { continue };
            prop_assert!(self.last.is_none_or(|last| offset > last), "{} {:?}", offset, self);
            self.last = Some(offset);
            self.told(offset);
        }
        Ok(())
    }
}

impl Bench {
    /// The next connection, up to its welcome; what its `hello` asked to go on from is returned.
    fn welcomed_again(&mut self, change: Value) -> Value {
        self.lost();
        while self.kind() != StateKind::Connecting {
            self.wait(ms(100));
        }
        let hello = self.upgrade();
        self.text(&welcome(change));
        hello["resume"].clone()
    }
}

proptest! {
    #[test]
    fn the_order_of_the_log_holds(sayings in prop::collection::vec(saying(), 1..80)) {
        let topics = vec![topic("number")];
        // By positions alone: no id is remembered.
        let options = Options { topics, dedup_ids: 0, resyncs_per_minute: 1_000, ..remote() };
        let mut bench = Bench::new(options);
        bench.v1();
        let mut order = Order { last: None, told: 10 };
        for (request, saying) in (0..).zip(sayings) {
            match saying {
                Saying::Next => {
                    let last = order.last.unwrap_or(10);
                    bench.text(&logged(last + 1, last));
                }
                Saying::Logged { offset, prev } => bench.text(&logged(offset, prev)),
                Saying::SnapshotItem { offset } => {
                    let item = json!({
                        "type": "number", "data": offset, "timestamp": 1, "offset": offset, "snapshot": true,
                    });
                    bench.text(&item.to_string());
                }
                Saying::SnapshotEnd { offset } => {
                    bench.text(&envelope("snapshot_end", json!({"offset": offset})));
                    order.told(offset);
                }
                Saying::Resumed { ok, offset } => {
                    if !ok {
                        order.head(offset);
                    }
                    bench.text(&envelope("resumed", json!({"ok": ok, "replay": 0, "offset": offset})));
                }
                Saying::Subscribed { offset } => {
                    let change = TopicChange::Subscribe(vec![topic(&format!("t{request}"))]);
                    let request = RequestId(request);
                    bench.input(Input::Command(Command::Topics { request, change }));
                    bench.text(&envelope("subscribed", json!({"topics": [], "offset": offset})));
                    order.told(offset);
                }
                Saying::Welcome { resumed, epoch, head, replay } => {
                    let asked = bench.welcomed_again(json!({
                        "resumed": resumed, "epoch": epoch, "offset": head, "replay": replay,
                    }));
                    let of_this_log = asked["epoch"] == epoch && asked["offset"].as_u64() <= Some(head);
                    if of_this_log {
                        order.told(asked["offset"].as_u64().unwrap());
                    } else {
                        order = Order::default();
                    }
                }
            }
            order.check(&mut bench.delivered)?;
        }
    }
}
