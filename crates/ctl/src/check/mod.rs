//! `check`: walks the way from the configuration to the first message, and says where it ends and what to do there.

mod certificate;
mod feed;
mod report;
mod route;

use monitor::config::FeedArgs;

use self::report::{Report, Step};
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
    let report = Report::new(args.json);
    let source = match Source::open(&args.feed, args.token_env.as_deref()).await {
        Ok(source) => source,
        Err(error) => {
            let remedy = "correct the configuration or the arguments";
            report.wrong(Step::Configuration, &format!("{error:#}"), remedy);
            return Ok(End::Wrong);
        }
    };
    let mut end = End::AsAsked;
    for endpoint in source.connection.endpoints.clone() {
        if check(&report, &source, &endpoint).await.is_none() {
            end = End::Wrong;
        }
    }
    Ok(end)
}

/// `None` where something was wrong; it has been told then.
async fn check(report: &Report, source: &Source, endpoint: &str) -> Option<()> {
    let mut connection = source.connection.clone();
    connection.endpoints = vec![endpoint.to_owned()];
    let options = match connection.validate() {
        Ok(options) => options,
        Err(error) => {
            report.wrong(Step::Configuration, &error.to_string(), "correct the setting");
            return None;
        }
    };
    // As the connection shows it: what is printed may be passed on, and a query may be a key.
    report.right(Step::Configuration, &options.endpoints()[0].to_string());
    route::check(report, &options).await?;
    feed::check(report, source, options).await
}
