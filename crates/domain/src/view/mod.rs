//! What crosses the bridge between backend and window, declared once so that the two sides cannot drift.
//!
//! Ticks (vault and market values) travel as [`TickBatch`]es over one channel; everything rare is a
//! [`WindowEvent`]. Figures are decimal strings.

mod autostart;
mod channel;
mod check;
mod config;
mod destination;
mod explanation;
mod feed;
mod first_frame;
mod history;
mod keys;
mod link;
mod notification;
mod origin;
mod preferences;
mod profile;
mod rules;
mod saved_view;
mod system;
mod tick;
mod vault;
mod what_if;
mod window;

pub use autostart::AutostartView;
pub use channel::ChannelView;
pub use check::{CheckEnd, CheckLine, CheckStep};
pub use config::{ConfigAnswer, ConfigChange, ConfigValue, ConfigView};
pub use destination::Destination;
pub use explanation::{ExplanationView, SettingView, VerdictView};
pub use feed::{FeedState, FeedView, InvalidReport, Mode};
pub use first_frame::{FirstFrame, Glimpse, LEFT_BYTES};
pub use history::{HistoryQuery, HistoryView, PointView, PriceTrend, SeriesView};
pub use keys::{KeyAct, KeyView, KeysAnswer, KeysView};
pub use link::BadLink;
pub use notification::{
    AcknowledgedView, Action, AwayView, DeliveryView, EvidenceView, FigureView, NotificationId,
    NotificationState, NotificationView, Tone,
};
pub use origin::Origin;
pub use preferences::{
    LanguageChoice, OutOfRange, Preferences, ToastDelay, ToastLimit, ToastPosition, Toasts,
};
pub use profile::{
    Colour, NewProfile, NotifyScope, ProfileAnswer, ProfileChange, ProfileFault, ProfileField,
    ProfileKept, ProfileRemains, ProfileState, ProfileView, UnknownColour, UnknownScope,
};
pub use rules::{
    DryRunAnswer, DryRunOf, DryRunQuery, DryRunView, FaultView, MomentKind, MomentView,
    RulesAnswer, RulesView,
};
pub use saved_view::{BadViewName, SavedView, SavedViews, TooManyViews, ViewName};
pub use system::{
    CircuitView, ConnectionEvent, EndpointView, FactGroup, PluginState, PluginView, PulseView,
    StateTime, SystemView,
};
pub use tick::{BATCH_BYTES, TickBatch, TickKind};
pub use vault::{Freshness, MarketView, StatusView, TokenPriceView, Totals, VaultDetail, VaultRow};
pub use what_if::{BeyondPrices, FallView, PriceChange, Shock, TokenView, WhatIfView};
pub use window::{Attached, Target, Theme, WindowEvent, WindowMessage};
