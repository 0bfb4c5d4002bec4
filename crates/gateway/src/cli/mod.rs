//! What can be said to `vaultwatch-gateway` on its command line, concern by concern.

mod access;
mod demo;
mod limits;
mod open_files;
mod open_secrets;
mod stop;
pub(crate) mod supervisor;
mod token;
mod units;

pub(crate) use self::access::AccessArguments;
pub(crate) use self::demo::{DemoArguments, announce};
pub(crate) use self::limits::LimitArguments;
pub(crate) use self::open_files::allow_open_files;
pub(crate) use self::open_secrets::warn_of_open_secrets;
pub(crate) use self::stop::Stop;
pub(crate) use self::token::TokenCommand;

use clap::Subcommand;

/// What is done instead of serving.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make, list and revoke the tokens that open a gateway
    #[command(subcommand)]
    Token(TokenCommand),
}
