//! The server side of the VaultWatch protocol: embedded in the app as its demo feed, standalone for a desk.
//!
//! [`market`] plays a seeded market and knows no sockets; [`Gateway`] hands messages out and knows no vaults. Between
//! them lies one function that moves messages from the first into the second every ten milliseconds.

mod embedded;
mod error;
mod escalation;
mod feed;
mod files;
mod gateway;
mod lapse;
mod log;
pub mod market;
mod options;
mod outages;
mod private;
pub mod recording;
mod replay;
mod script;
mod server;
mod source;

pub use embedded::EmbeddedGateway;
pub use error::GatewayError;
pub use escalation::{Alerts, EscalationError};
pub use gateway::Gateway;
pub use lapse::{Lapse, LapseError};
pub use log::{Broker, BrokerError, LogError, LogOptions, NatsUrl};
pub use options::{DemoOptions, OptionError, Rate, Scenario};
pub use replay::{Repeat, Replay, Speed, SpeedError};
pub use script::{Performance, Script, ScriptError};
pub use server::{
    Access, JwtKeyError, JwtOptions, KeyError, Keys, Limits, ListedToken, NewToken, Origin,
    OriginError, Stats, Tls, TlsError, Token, TokenFile, TokenFileError, Transport,
};
pub use source::{Source, SourceError};
