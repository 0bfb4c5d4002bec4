//! What crosses the bridge between backend and window, declared once so that the two sides cannot drift.
//!
//! Ticks (vault and market values) travel as [`TickBatch`]es over one channel; everything rare is a
//! [`WindowEvent`]. Figures are decimal strings.

mod feed;
mod history;
mod notification;
mod tick;
mod vault;
mod window;

pub use feed::{FeedState, FeedView, InvalidReport, Mode};
pub use history::{HistoryQuery, HistoryView, PointView, SeriesView};
pub use notification::{
    AcknowledgedView, Action, AwayView, DeliveryView, EvidenceView, FigureView, NotificationId,
    NotificationState, NotificationView, Tone,
};
pub use tick::{BATCH_BYTES, TickBatch, TickKind};
pub use vault::{Freshness, MarketView, StatusView, TokenPriceView, Totals, VaultDetail, VaultRow};
pub use window::{Attached, Target, Theme, WindowEvent};
