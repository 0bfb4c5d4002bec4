//! Live values of one topic each, over one shared connection.

mod core;
mod data;
mod hub;
mod queue;
mod routes;

pub use self::data::{RealTimeData, RealTimeState, StreamError, WeakRealTimeData};
pub use self::hub::Hub;
pub use self::queue::Updates;

use self::core::Sink;
pub(crate) use self::hub::Inner as HubInner;
