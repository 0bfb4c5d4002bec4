use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use anyhow::Context;
use domain::view::Mode;
use gateway::{DemoOptions, EmbeddedGateway, Scenario};
use monitor::config::{FeedArgs, FeedChoice};
use monitor::encryption;
use realtime::{Builder, Middleware, ValidOptions};

/// Where the values come from, ready to connect to.
pub(crate) struct Source {
    pub(crate) mode: Mode,
    pub(crate) connection: realtime::Options,
    /// What the connection's messages pass, the stage next to the socket first.
    pub(crate) stages: Vec<Arc<dyn Middleware>>,
    /// Where the user's plugins lie.
    pub(crate) plugin_dir: PathBuf,
    /// Runs as long as this is kept.
    _demo: Option<EmbeddedGateway>,
}

impl Source {
    /// Finds out what to watch, and starts the demo market where nothing is configured.
    pub(crate) async fn open(args: &FeedArgs, token_env: Option<&str>) -> anyhow::Result<Self> {
        let resolved = args.resolve()?;
        let mut stages: Vec<Arc<dyn Middleware>> = Vec::new();
        let (mode, mut connection, demo) = match resolved.feed {
            FeedChoice::Profile { name, connection, encryption } => {
                if let Some(config) = encryption {
                    let (stage, trouble) = encryption::stage(&name, &config).await?;
                    if let Some(trouble) = trouble {
                        crate::remark(&format!("Encrypted messages cannot be read yet: {trouble}"));
                    }
                    stages.push(stage);
                }
                (Mode::Profile(name), *connection, None)
            }
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
        let plugin_dir = resolved.plugin_dir;
        Ok(Self { mode, connection, stages, plugin_dir, _demo: demo })
    }

    /// A connection of its own to this source.
    pub(crate) fn builder(&self, options: ValidOptions) -> Builder {
        let stages = self.stages.iter().cloned();
        stages.fold(Builder::new(options), Builder::stage)
    }
}

fn demo_options() -> anyhow::Result<DemoOptions> {
    let scenario = match std::env::var("VAULTWATCH_DEMO_SCENARIO") {
        Ok(name) => Scenario::from_str(&name).context("VAULTWATCH_DEMO_SCENARIO")?,
        Err(_) => Scenario::default(),
    };
    Ok(DemoOptions { scenario, ..DemoOptions::default() })
}
