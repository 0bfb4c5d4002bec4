//! The ping whose absence tells.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use channels::{DeadMan, Settings};
use tokio::sync::watch;
use tokio::time::timeout;

use crate::receiver::*;

#[tokio::test]
async fn the_dead_man_is_pinged_while_the_watch_is_live() {
    let receiver = Receiver::start(Manner::Fails(500, 1)).await;
    let url = format!("http://{}/ping/1", receiver.address).parse().unwrap();
    let dead_man = DeadMan { url, every: Duration::from_millis(20) };
    let live = Arc::new(AtomicBool::new(true));
    let (is_live, told) = (Arc::clone(&live), Arc::new(Mutex::new(Vec::new())));
    let (outcomes, asked) = (Arc::clone(&told), watch::Sender::new(0));
    let asking = asked.clone();
    let caller = Settings::default().caller(AGENT).unwrap();
    let pinging = tokio::spawn(async move {
        let alive = || {
            asking.send_modify(|asked| *asked += 1);
            std::future::ready(is_live.load(Ordering::SeqCst))
        };
        dead_man.ping(&caller, alive, |told| outcomes.lock().unwrap().push(told.is_ok())).await;
    });
    let calls = receiver.called(3).await;
    assert_eq!((calls[0].method.as_str(), calls[0].path.as_str()), ("GET", "/ping/1"));
    assert!(calls[0].body.is_empty());
    assert_eq!(told.lock().unwrap()[..2], [false, true], "a failed one is not the last");
    live.store(false, Ordering::SeqCst);
    let asked_again = async |times: u32| {
        let mut asked = asked.subscribe();
        let wanted = *asked.borrow() + times;
        timeout(PATIENCE, asked.wait_for(|asked| *asked >= wanted)).await.unwrap().unwrap();
    };
    // The one that was under way is over when it is asked the second time.
    asked_again(2).await;
    let before = receiver.calls().len();
    asked_again(5).await;
    assert_eq!(receiver.calls().len(), before, "no ping says that nothing is watched");
    pinging.abort();
}
