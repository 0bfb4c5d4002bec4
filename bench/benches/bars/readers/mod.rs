//! The programs that are measured, each a process of its own: this one in another role.

mod client;
mod minimal;
mod window;

use anyhow::{Context, Result, bail};

pub(crate) fn run(role: &str, args: &[&str]) -> Result<()> {
    let arg = |at: usize| args.get(at).copied().context("too few arguments");
    match role {
        "client" => client::run(arg(0)?, arg(1)?.parse()?),
        "rules" => crate::rules::measured(arg(0)?),
        "minimal" => minimal::run(arg(0)?),
        "window" => window::run(arg(0)?, arg(1)?, arg(2)?.parse()?, arg(3)?.parse()?),
        other => bail!("no role `{other}`"),
    }
}
