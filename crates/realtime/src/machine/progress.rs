use smol_str::SmolStr;
use wire::Position;
use wire::control::Resume;

/// How far the stream was read, and whether that is all there is to know. Outlives the sockets.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// Every event up to here was delivered; so was all state, unless a snapshot is wanted.
    reached: Option<Position>,
    /// What the reader knows of the state has holes until a snapshot has ended.
    wants_snapshot: bool,
    /// Where a program that starts again may go on while a snapshot is wanted: it will not remember that it is.
    complete: Option<Position>,
    start: Start,
}

/// What a program has of the state when it starts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Start {
    /// What it had when it ended, so that the position says it all.
    #[default]
    Kept,
    /// Nothing: it will ask for a snapshot wherever it goes on.
    Empty,
}

impl Progress {
    /// Goes on where an earlier run of the program ended.
    pub(super) fn at(&mut self, position: Option<Position>) {
        self.complete.clone_from(&position);
        self.reached = position;
    }

    /// The state ended with that earlier run.
    pub(super) fn without_state(&mut self) {
        self.start = Start::Empty;
        self.wants_snapshot = true;
    }

    /// What to ask a server for.
    pub(super) fn resume(&self) -> Option<Resume> {
        let position = self.reached.clone()?;
        Some(Resume { snapshot: self.wants_snapshot, ..position.into() })
    }

    /// What a program that is started again has to go on from.
    pub(super) fn to_note(&self) -> Option<&Position> {
        match (self.start, self.wants_snapshot) {
            (Start::Kept, true) => self.complete.as_ref(),
            (Start::Empty, _) | (_, false) => self.reached.as_ref(),
        }
    }

    pub(super) fn reach(&mut self, epoch: &SmolStr, offset: u64) {
        match self.reached.as_mut().filter(|position| position.epoch == *epoch) {
            Some(position) => position.offset = offset,
            None => self.reached = Some(Position { epoch: epoch.clone(), offset }),
        }
    }

    /// The server lied about it.
    pub(super) fn forget(&mut self) {
        self.reached = None;
        self.complete = None;
    }

    /// Until the snapshot's end the state has holes, though the events before it are told.
    pub(super) fn snapshot_begins(&mut self) {
        if !self.wants_snapshot {
            self.wants_snapshot = true;
            self.complete.clone_from(&self.reached);
        }
    }

    pub(super) fn snapshot_ended(&mut self) {
        self.wants_snapshot = false;
    }
}
