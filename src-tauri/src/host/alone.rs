//! On Linux: the runtime, and a name on the session bus.

use std::sync::Arc;

use tokio::runtime::Runtime;
use tokio::sync::{mpsc, watch};

use super::instance::{self, Claim, Claimed};
use crate::arguments::Arguments;
use crate::failure::Failure;
use crate::starts::Starts;
use crate::tray::TrayRequest;
use crate::window::{Display, Token, WindowKeeper};

/// The way to what the application runs in. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Host {
    /// By which it ends.
    code: watch::Sender<Option<u8>>,
    claim: Option<Arc<Claim>>,
}

impl Host {
    /// Has the application end with that code. The first one counts.
    pub(crate) fn exit(&self, code: u8) {
        self.code.send_if_modified(|known| known.replace(code).is_none());
    }

    /// It is about to end: a start from now on waits for that, and is one of its own.
    pub(crate) fn leave(&self) {
        if let Some(claim) = &self.claim {
            claim.leave();
        }
    }

    /// Returns when the session is over. Where there was no bus of it nobody tells.
    pub(crate) async fn session_over(&self) {
        match &self.claim {
            Some(claim) => claim.lost().await,
            None => std::future::pending().await,
        }
    }

    /// The last thing that is done.
    pub(crate) fn farewell(&self) {}
}

/// The application, from when it is the only one until it ends.
pub(crate) struct Running {
    host: Host,
    code: watch::Receiver<Option<u8>>,
}

impl Running {
    /// From here on we are the only one, and what later starts want is wished. `None`: another one is, and knows what this
    /// start was told.
    ///
    /// # Errors
    /// [`Failure::Hung`].
    pub(crate) fn begin(
        runtime: &Runtime,
        starts: &Starts,
        _window: &WindowKeeper,
    ) -> Result<Option<Self>, Failure> {
        let claim = match runtime.block_on(instance::claim()) {
            Claimed::Ours(claim, said) => {
                runtime.spawn(hear(said, starts.clone()));
                Some(Arc::new(claim))
            }
            Claimed::HandedOn => return Ok(None),
            Claimed::NoBus => None,
            Claimed::Hung(error) => return Err(Failure::Hung(error)),
        };
        let (sender, code) = watch::channel(None);
        Ok(Some(Self { host: Host { code: sender, claim }, code }))
    }

    pub(crate) fn host(&self) -> &Host {
        &self.host
    }

    /// Returns by which code the application is to end.
    pub(crate) fn until_exit(mut self, runtime: &Runtime) -> u8 {
        let code =
            runtime.block_on(async { self.code.wait_for(Option::is_some).await.map(|code| *code) });
        // An error would mean that nobody can want it any more, and we hold one who can.
        code.ok().flatten().unwrap_or_default()
    }
}

async fn hear(mut said: mpsc::Receiver<Vec<String>>, starts: Starts) {
    while let Some(words) = said.recv().await {
        let wish = Arguments::wish_of(&words);
        // Not its words: there may be a token in an address, and anything in a link.
        tracing::info!(?wish, "started a second time");
        let opens = matches!(wish, Some(TrayRequest::Open | TrayRequest::GoTo(_)));
        // Of a session that has begun, or of one who wants to see something: an errand may be run from anywhere.
        if let Some(display) = Display::of_words(&words).filter(|_| opens || wish.is_none()) {
            starts.wish(TrayRequest::Display(display));
        }
        if let Some(token) = Token::of_words(&words).filter(|_| opens) {
            starts.wish(TrayRequest::Activation(token));
        }
        if let Some(wish) = wish {
            starts.wish(wish);
        }
    }
}
