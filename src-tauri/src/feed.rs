use std::sync::Arc;

use domain::view::Mode;
use gateway::{EmbeddedGateway, Source, Speed};
use monitor::config::{DemoChoice, FeedChoice};
use monitor::encryption::{self, Keys};
use realtime::Middleware;

use crate::failure::Failure;

/// Where the values come from, ready to connect to.
pub(crate) struct Feed {
    pub(crate) mode: Mode,
    pub(crate) connection: realtime::Options,
    /// What its messages pass.
    pub(crate) stages: Vec<Arc<dyn Middleware>>,
    /// What one of them waits for.
    pub(crate) keys: Option<Keys>,
    /// The demo market runs as long as this is kept.
    pub(crate) demo: Option<EmbeddedGateway>,
}

impl Feed {
    /// Starts the demo market where nothing else is configured.
    ///
    /// # Errors
    /// [`Failure::Demonstration`], [`Failure::Demo`] and [`Failure::Encryption`].
    pub(crate) async fn open(choice: FeedChoice) -> Result<Self, Failure> {
        match choice {
            FeedChoice::Profile { name, connection, encryption } => {
                let mut stages: Vec<Arc<dyn Middleware>> = Vec::new();
                let mut keys = None;
                if let Some(config) = encryption {
                    let (stage, on_their_way) = encryption::stage(&name, &config)?;
                    stages.push(stage);
                    keys = Some(on_their_way);
                }
                let (mode, connection) = (Mode::Profile(name), *connection);
                Ok(Self { mode, connection, stages, keys, demo: None })
            }
            FeedChoice::Demo(choice) => {
                let source = played(&choice)?;
                for complaint in source.complaints() {
                    tracing::warn!("{complaint}");
                }
                let demo = EmbeddedGateway::start(source).await?;
                let mut connection = realtime::Options::new(demo.url());
                connection.token = Some(realtime::Secret::new(demo.token().to_owned()));
                tracing::info!(url = demo.url(), "the demo market is open");
                let stages = Vec::new();
                Ok(Self { mode: Mode::Demo, connection, stages, keys: None, demo: Some(demo) })
            }
        }
    }
}

fn played(choice: &DemoChoice) -> Result<Source, Failure> {
    let wrong = |source| Failure::Demonstration { origin: choice.origin(), source };
    // The arguments have looked at its limits already.
    let speed = choice.speed.map(u32::from).and_then(|times| Speed::new(times).ok());
    Source::demo(choice.name(), speed).map_err(wrong)
}
