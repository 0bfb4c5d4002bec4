use domain::view::Mode;
use realtime::persistence::StreamKey;
use realtime::wire::Position;
use store::{Batch, Store, StoreError};

/// Where in the server's log the watch is. It is written together with the notifications that the messages up to there
/// have raised: so a crash neither loses an alert nor raises one twice, and a start gets what happened in between.
#[derive(Debug, Default)]
pub(crate) struct Place {
    /// None in the demo, whose log ends with the program.
    stream: Option<StreamKey>,
    reached: Option<Position>,
    written: Option<Position>,
}

impl Place {
    /// Where the last run ended.
    pub(crate) async fn load(mode: &Mode, tenant: Option<&str>, store: &Store) -> Self {
        let Mode::Profile(profile) = mode else { return Self::default() };
        let stream = StreamKey::profile(profile, tenant);
        let reached = store.position(stream.clone()).await.unwrap_or_else(|error| {
            tracing::error!(%error, "where the last run ended cannot be read; starting from the present");
            None
        });
        Self { stream: Some(stream), written: reached.clone(), reached }
    }

    /// The connection goes on from here. The board begins empty, so it also wants all state there is.
    pub(crate) fn resume(&self, builder: realtime::Builder) -> realtime::Builder {
        match &self.stream {
            Some(stream) => {
                builder.stream(stream.clone()).resume_at(self.reached.clone()).begin_with_snapshot()
            }
            None => builder,
        }
    }

    pub(crate) fn reach(&mut self, position: Option<Position>) {
        if position.is_some() && self.stream.is_some() {
            self.reached = position;
        }
    }

    /// Whether there is something to write even without notifications.
    pub(crate) fn has_moved(&self) -> bool {
        self.reached != self.written
    }

    /// Writes what the messages up to the place led to, and the place, all or nothing.
    pub(crate) async fn write(&mut self, store: &Store, batch: Batch) -> Result<(), StoreError> {
        let reached = self.reached.clone();
        let place = self.stream.clone().zip(reached.clone());
        let moves = place.is_some();
        store.commit(Batch { place, ..batch }).await?;
        if moves {
            self.written = reached;
        }
        Ok(())
    }
}
