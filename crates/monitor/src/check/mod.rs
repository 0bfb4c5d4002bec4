//! Walks the way from an address to the first message, and says where it ends and what to do there. The command line does
//! so for `vaultwatchctl check`, the window before it keeps a profile.

mod feed;
mod route;
mod token;

use std::sync::Arc;
use std::time::Duration;

use domain::view::{CheckLine, CheckStep, Origin};
use realtime::Middleware;

use crate::encryption::Keys;

/// What is to be checked: the connection's first address, with what its messages pass.
#[derive(Clone, Debug, Default)]
pub struct Check {
    pub connection: realtime::Options,
    /// The one next to the socket first.
    pub stages: Vec<Arc<dyn Middleware>>,
    /// What one of the stages waits for.
    pub keys: Option<Keys>,
}

/// Who hears of each step as it is done.
pub trait Report: Send + Sync {
    fn line(&self, line: CheckLine);

    fn right(&self, step: CheckStep, detail: &str) {
        self.line(CheckLine::right(step, detail));
    }

    /// It works, and something should be seen to all the same.
    fn remark(&self, step: CheckStep, detail: &str, remedy: &str) {
        self.line(CheckLine::remark(step, detail, remedy));
    }

    fn wrong(&self, step: CheckStep, detail: &str, remedy: &str) {
        self.line(CheckLine::wrong(step, detail, remedy));
    }

    /// The server's certificates, its own first, as DER. They have been verified.
    fn certificates(&self, chain: &[Vec<u8>]) {
        self.right(CheckStep::Certificate, &format!("verified, {} in its chain", chain.len()));
    }
}

/// The way was gone to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrived {
    /// `None`: nothing came within the time that is waited for, or a snapshot of nothing.
    pub first: Option<Origin>,
}

impl Check {
    /// `None` where the way ends; why has been told then.
    pub async fn run(&self, report: &dyn Report) -> Option<Arrived> {
        let options = match self.connection.clone().validate() {
            Ok(options) => options,
            Err(error) => {
                report.wrong(CheckStep::Configuration, &error.to_string(), "correct the setting");
                return None;
            }
        };
        // As the connection shows it: what is printed may be passed on, and a query may be a key.
        let address = options.endpoints().first().map(ToString::to_string).unwrap_or_default();
        report.right(CheckStep::Configuration, &address);
        // Each of the two connections with a token of its own: there are sources whose tokens are good for one.
        route::check(report, &token::fetched(report, &options).await?).await?;
        feed::check(self, report, options).await
    }
}

fn took(time: Duration) -> String {
    match time.as_micros() {
        0..10_000 => format!("{:.1} ms", time.as_secs_f64() * 1_000.0),
        _ => format!("{} ms", time.as_millis()),
    }
}
