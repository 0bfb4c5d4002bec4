//! `check`: walks the way from the configuration to the first message, and says where it ends and what to do there. The way
//! itself is [`monitor::check`]'s; here it is printed.

mod certificate;
mod report;

use domain::view::CheckStep;
use monitor::check::{Check, Report as _};
use monitor::config::FeedArgs;

use self::report::Printed;
use crate::End;
use crate::source::Source;

#[derive(clap::Args)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    feed: FeedArgs,
    /// Take the token from this environment variable
    #[arg(long, value_name = "VAR")]
    token_env: Option<String>,
    /// One JSON object per step
    #[arg(long)]
    json: bool,
}

/// Checks every address of the configuration, each by itself.
pub(crate) async fn run(args: CheckArgs) -> anyhow::Result<End> {
    let report = Printed::new(args.json);
    let source = match Source::open(&args.feed, args.token_env.as_deref()).await {
        Ok(source) => source,
        Err(error) => {
            let remedy = "correct the configuration or the arguments";
            report.wrong(CheckStep::Configuration, &format!("{error:#}"), remedy);
            return Ok(End::Wrong);
        }
    };
    let mut end = End::AsAsked;
    for endpoint in source.connection.endpoints.clone() {
        let mut connection = source.connection.clone();
        connection.endpoints = vec![endpoint];
        let check = Check { connection, stages: source.stages.clone(), keys: source.keys.clone() };
        if check.run(&report).await.is_none() {
            end = End::Wrong;
        }
    }
    Ok(end)
}
