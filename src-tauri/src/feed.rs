use std::str::FromStr;
use std::sync::Arc;

use domain::Level;
use domain::view::Mode;
use gateway::{DemoOptions, EmbeddedGateway, Scenario};
use monitor::config::FeedChoice;
use monitor::{Notice, encryption};
use realtime::Middleware;

use crate::failure::Failure;

/// Where the values come from, ready to connect to.
pub(crate) struct Feed {
    pub(crate) mode: Mode,
    pub(crate) connection: realtime::Options,
    /// What its messages pass.
    pub(crate) stages: Vec<Arc<dyn Middleware>>,
    /// What the person should be told of it.
    pub(crate) notices: Vec<Notice>,
    /// The demo market runs as long as this is kept.
    pub(crate) demo: Option<EmbeddedGateway>,
}

impl Feed {
    /// Starts the demo market where nothing else is configured.
    ///
    /// # Errors
    /// [`Failure::Scenario`], [`Failure::Demo`] and [`Failure::Encryption`].
    pub(crate) async fn open(choice: FeedChoice) -> Result<Self, Failure> {
        match choice {
            FeedChoice::Profile { name, connection, encryption } => {
                let (mut stages, mut notices): (Vec<Arc<dyn Middleware>>, _) = (vec![], vec![]);
                if let Some(config) = encryption {
                    let (stage, trouble) = encryption::stage(&name, &config).await?;
                    stages.push(stage);
                    notices.extend(trouble.map(|trouble| {
                        let title = "Encrypted messages cannot be read";
                        Notice::system(Level::High, title, trouble.to_string())
                    }));
                }
                let (mode, connection) = (Mode::Profile(name), *connection);
                Ok(Self { mode, connection, stages, notices, demo: None })
            }
            FeedChoice::Demo => {
                let scenario = match std::env::var("VAULTWATCH_DEMO_SCENARIO") {
                    Ok(name) => Scenario::from_str(&name)?,
                    Err(_) => Scenario::default(),
                };
                let options = DemoOptions { scenario, ..DemoOptions::default() };
                let demo = EmbeddedGateway::start(options).await?;
                let mut connection = realtime::Options::new(demo.url());
                connection.token = Some(realtime::Secret::new(demo.token().to_owned()));
                tracing::info!(%scenario, url = demo.url(), "the demo market is open");
                let (stages, notices) = (Vec::new(), Vec::new());
                Ok(Self { mode: Mode::Demo, connection, stages, notices, demo: Some(demo) })
            }
        }
    }
}
