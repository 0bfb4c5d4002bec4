//! What crosses the bridge between backend and window, declared once so that the two sides cannot drift.
//!
//! Ticks (vault and market values) travel as [`TickBatch`]es over one channel; everything rare is a
//! [`WindowEvent`]. Figures are decimal strings.

mod autostart;
mod channel;
mod explanation;
mod feed;
mod history;
mod link;
mod notification;
mod origin;
mod preferences;
mod rules;
mod tick;
mod vault;
mod window;

pub use autostart::AutostartView;
pub use channel::ChannelView;
pub use explanation::{ExplanationView, SettingView, VerdictView};
pub use feed::{FeedState, FeedView, InvalidReport, Mode};
pub use history::{HistoryQuery, HistoryView, PointView, SeriesView};
pub use link::BadLink;
pub use notification::{
    AcknowledgedView, Action, AwayView, DeliveryView, EvidenceView, FigureView, NotificationId,
    NotificationState, NotificationView, Tone,
};
pub use origin::Origin;
pub use preferences::{OutOfRange, Preferences, ToastDelay, ToastLimit, ToastPosition, Toasts};
pub use rules::{
    DryRunAnswer, DryRunOf, DryRunQuery, DryRunView, FaultView, MomentKind, MomentView,
    RulesAnswer, RulesView,
};
pub use tick::{BATCH_BYTES, TickBatch, TickKind};
pub use vault::{Freshness, MarketView, StatusView, TokenPriceView, Totals, VaultDetail, VaultRow};
pub use window::{Attached, Target, Theme, WindowEvent};
