use std::str::FromStr;

use anyhow::Context;
use domain::view::Mode;
use gateway::{DemoOptions, EmbeddedGateway, Scenario};
use monitor::config::{FeedArgs, FeedChoice};

/// Where the values come from, ready to connect to.
pub(crate) struct Source {
    pub(crate) mode: Mode,
    pub(crate) connection: realtime::Options,
    /// Runs as long as this is kept.
    _demo: Option<EmbeddedGateway>,
}

impl Source {
    /// Finds out what to watch, and starts the demo market where nothing is configured.
    pub(crate) async fn open(args: &FeedArgs, token_env: Option<&str>) -> anyhow::Result<Self> {
        let resolved = args.resolve()?;
        let (mode, mut connection, demo) = match resolved.feed {
            FeedChoice::Profile { name, connection } => (Mode::Profile(name), *connection, None),
            FeedChoice::Demo => {
                crate::remark("No feed is configured: watching the built-in demo market.");
                let demo = EmbeddedGateway::start(demo_options()?).await?;
                let mut connection = realtime::Options::new(demo.url());
                connection.token = Some(realtime::Secret::new(demo.token().to_owned()));
                (Mode::Demo, connection, Some(demo))
            }
        };
        if let Some(name) = token_env {
            let token = std::env::var(name).with_context(|| format!("--token-env {name}"))?;
            connection.token = Some(realtime::Secret::new(token));
        }
        Ok(Self { mode, connection, _demo: demo })
    }
}

fn demo_options() -> anyhow::Result<DemoOptions> {
    let scenario = match std::env::var("VAULTWATCH_DEMO_SCENARIO") {
        Ok(name) => Scenario::from_str(&name).context("VAULTWATCH_DEMO_SCENARIO")?,
        Err(_) => Scenario::default(),
    };
    Ok(DemoOptions { scenario, ..DemoOptions::default() })
}
