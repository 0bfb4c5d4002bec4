//! What starts of the program want of the one that runs. They come from the session bus, from the first moment on; what
//! comes before the watch has begun waits for it.

use tokio::sync::mpsc;

use crate::tray::{OnRequest, TrayRequest};

/// Wishes that may wait. More than a person makes while the application starts.
const WAITING: usize = 16;

/// Takes wishes, from any thread, without waiting.
#[derive(Clone, Debug)]
pub(crate) struct Starts(mpsc::Sender<TrayRequest>);

/// The other end of [`Starts`].
#[derive(Debug)]
pub(crate) struct Wished(mpsc::Receiver<TrayRequest>);

impl Starts {
    pub(crate) fn new() -> (Self, Wished) {
        let (wishes, queue) = mpsc::channel(WAITING);
        (Self(wishes), Wished(queue))
    }

    pub(crate) fn wish(&self, request: TrayRequest) {
        if let Err(error) = self.0.try_send(request) {
            tracing::warn!(%error, "too many starts at once; this one does nothing");
        }
    }
}

/// Does what is wished, in order, until the application ends.
pub(crate) async fn carry_out(Wished(mut wishes): Wished, on_request: OnRequest) {
    while let Some(request) = wishes.recv().await {
        on_request(request);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use domain::view::Target;

    use super::*;

    #[tokio::test]
    async fn what_comes_early_waits_and_a_flood_is_cut() {
        let (starts, wished) = Starts::new();
        starts.wish(TrayRequest::GoTo(Target::Alerts.into()));
        for _ in 0..100 {
            starts.wish(TrayRequest::Open);
        }
        drop(starts);
        let done = Arc::new(Mutex::new(Vec::new()));
        let doing = Arc::clone(&done);
        carry_out(wished, Arc::new(move |request| doing.lock().unwrap().push(request))).await;
        let done = done.lock().unwrap();
        assert_eq!((done.len(), &done[0]), (WAITING, &TrayRequest::GoTo(Target::Alerts.into())));
    }
}
