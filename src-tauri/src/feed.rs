use std::str::FromStr;

use domain::view::Mode;
use gateway::{DemoOptions, EmbeddedGateway, Scenario};
use monitor::config::FeedChoice;

use crate::failure::Failure;

/// Where the values come from, ready to connect to.
pub(crate) struct Feed {
    pub(crate) mode: Mode,
    pub(crate) connection: realtime::Options,
    /// The demo market runs as long as this is kept.
    pub(crate) demo: Option<EmbeddedGateway>,
}

impl Feed {
    /// Starts the demo market where nothing else is configured.
    ///
    /// # Errors
    /// [`Failure::Scenario`] and [`Failure::Demo`].
    pub(crate) async fn open(choice: FeedChoice) -> Result<Self, Failure> {
        match choice {
            FeedChoice::Profile { name, connection } => {
                Ok(Self { mode: Mode::Profile(name), connection: *connection, demo: None })
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
                Ok(Self { mode: Mode::Demo, connection, demo: Some(demo) })
            }
        }
    }
}
