use monitor::CallOut;
use tokio::sync::{mpsc, oneshot};

/// Takes the monitor's orders, from its first moment on. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct CallOuts {
    orders: mpsc::UnboundedSender<Order>,
}

#[derive(Debug)]
pub(super) enum Order {
    Call(CallOut),
    /// How every alert stands at the start.
    Reconcile(Vec<CallOut>),
    /// Answered when what was ordered before is on disk.
    Kept(oneshot::Sender<()>),
}

/// The other end of [`CallOuts`].
#[derive(Debug)]
pub(crate) struct Orders(pub(super) mpsc::UnboundedReceiver<Order>);

impl CallOuts {
    pub(crate) fn new() -> (Self, Orders) {
        // As many as there are critical alerts, and taken at once.
        let (orders, inbox) = mpsc::unbounded_channel();
        (Self { orders }, Orders(inbox))
    }

    pub(crate) fn order(&self, call: &CallOut) {
        // An error means that the app is ending.
        let _ = self.orders.send(Order::Call(call.clone()));
    }

    /// Has it looked at the start whether an order of before got lost.
    pub(crate) fn reconcile(&self, calls: &[CallOut]) {
        // An error means that the app is ending.
        let _ = self.orders.send(Order::Reconcile(calls.to_vec()));
    }

    /// Returns when everything that was ordered so far is on disk, where the next start takes it up.
    pub(crate) async fn kept(&self) {
        let (answer, answered) = oneshot::channel();
        if self.orders.send(Order::Kept(answer)).is_ok() {
            // An error means that nobody is called at all.
            let _ = answered.await;
        }
    }
}
