use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use alerts::rule::RuleBook;
use anyhow::Context;
use domain::view::Mode;
use gateway::{EmbeddedGateway, Speed};
use monitor::config::{DemoChoice, FeedArgs, FeedChoice, Follow, Found, HideAmounts};
use monitor::encryption::{self, Keys};
use realtime::{Builder, Middleware, ValidOptions};

/// A wait that is longer than this is remarked.
const REMARK_AFTER: Duration = Duration::from_secs(1);

/// Where the values come from, ready to connect to.
pub(crate) struct Source {
    pub(crate) mode: Mode,
    pub(crate) connection: realtime::Options,
    /// What the connection's messages pass, the stage next to the socket first.
    pub(crate) stages: Vec<Arc<dyn Middleware>>,
    /// What one of the stages waits for.
    pub(crate) keys: Option<Keys>,
    /// Where the user's plugins lie.
    pub(crate) plugin_dir: PathBuf,
    pub(crate) retention: store::Retention,
    pub(crate) history: store::HistoryRetention,
    /// What the user wants to be told of besides.
    pub(crate) rules: RuleBook,
    /// How alerts are told.
    pub(crate) policy: alerts::Policy,
    /// When desktop notifications show no amounts.
    pub(crate) hide_amounts: HideAmounts,
    /// The file that all this comes from.
    pub(crate) file: Follow,
    /// Runs as long as this is kept.
    _demo: Option<EmbeddedGateway>,
}

impl Source {
    /// Finds out what to watch, and starts the demo market where nothing is configured.
    pub(crate) async fn open(args: &FeedArgs, token_env: Option<&str>) -> anyhow::Result<Self> {
        let found = Found { resolved: args.resolve()?, broken: None };
        let file = Follow::new(args, &found)?;
        let resolved = found.resolved;
        let mut stages: Vec<Arc<dyn Middleware>> = Vec::new();
        let mut keys = None;
        let (mode, mut connection, demo) = match resolved.feed {
            FeedChoice::Profile { name, connection, encryption } => {
                if let Some(config) = encryption {
                    let (stage, on_their_way) = encryption::stage(&name, &config)?;
                    stages.push(stage);
                    keys = Some(on_their_way);
                }
                (Mode::Profile(name), *connection, None)
            }
            FeedChoice::Demo(choice) => {
                let source = played(&choice)?;
                if args.demo.is_none() {
                    crate::remark("No feed is configured: watching the demo.");
                }
                source.complaints().for_each(|complaint| crate::remark(&complaint));
                let demo = EmbeddedGateway::start(source).await?;
                let mut connection = realtime::Options::new(demo.url());
                connection.token = Some(realtime::Secret::new(demo.token().to_owned()));
                (Mode::Demo, connection, Some(demo))
            }
        };
        if let Some(name) = token_env {
            let token = std::env::var(name).with_context(|| format!("--token-env {name}"))?;
            // What is typed counts before what is written down.
            connection = connection.with_token(realtime::Secret::new(token));
        }
        let (plugin_dir, rules, policy) = (resolved.plugin_dir, resolved.rules, resolved.policy);
        let (retention, history) = (resolved.retention, resolved.history);
        Ok(Self {
            mode,
            connection,
            stages,
            keys,
            plugin_dir,
            retention,
            history,
            rules,
            policy,
            hide_amounts: resolved.hide_amounts,
            file,
            _demo: demo,
        })
    }

    /// Waits for the keys of an encrypted connection: what comes or goes before them is lost.
    ///
    /// # Errors
    /// When they cannot be had. That the keychain is not there, or locked, is only remarked: what is not encrypted can be
    /// read all the same.
    pub(crate) async fn keys_arrived(&self) -> anyhow::Result<()> {
        let Some(keys) = &self.keys else { return Ok(()) };
        let arrived = keys.arrive();
        tokio::pin!(arrived);
        let arrived = match tokio::time::timeout(REMARK_AFTER, &mut arrived).await {
            Ok(arrived) => arrived,
            Err(_) => {
                crate::remark("Waiting for the keychain …");
                arrived.await
            }
        };
        match arrived {
            Err(trouble) if trouble.is_transient() => {
                crate::remark(&format!("Encrypted messages cannot be read: {trouble}"));
                Ok(())
            }
            arrived => arrived.context("the encryption keys"),
        }
    }

    /// A connection of its own to this source.
    pub(crate) fn builder(&self, options: ValidOptions) -> Builder {
        let stages = self.stages.iter().cloned();
        stages.fold(Builder::new(options), Builder::stage)
    }
}

fn played(choice: &DemoChoice) -> anyhow::Result<gateway::Source> {
    let speed = choice.speed.map(u32::from).map(Speed::new).transpose()?;
    let source = gateway::Source::demo(choice.name(), speed);
    source.with_context(|| choice.origin().to_string())
}
