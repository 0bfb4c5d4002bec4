use std::collections::BTreeMap;
use std::sync::{Arc, Weak};

use rusqlite::{Connection, TransactionBehavior};
use smol_str::SmolStr;
use tokio::sync::{mpsc, oneshot};
use tracing::{info, warn};
use wire::UnixMillis;

use super::super::{Appended, Deliver, Entry, Health, History, LogError, Record, Retention};
use super::tenant::{Marks, TenantLog};

/// What the writing thread is asked.
#[derive(Debug)]
pub(super) enum Command {
    Open {
        tenant: SmolStr,
        deliver: Weak<dyn Deliver>,
        answer: oneshot::Sender<Result<Opened, LogError>>,
    },
    Append(Append),
    /// Once a second: what is too old goes, and what was wrong may be right again.
    Tick(UnixMillis),
}

#[derive(Debug)]
pub(super) struct Opened {
    pub(super) tenant: i64,
    pub(super) epoch: SmolStr,
}

type Answer = oneshot::Sender<Result<Vec<Appended>, LogError>>;

/// The thread that writes.
#[derive(Debug)]
pub(super) struct Writer {
    pub(super) connection: Connection,
    pub(super) retention: Retention,
    history: History,
    pub(super) tenants: BTreeMap<i64, TenantLog>,
    health: Health,
}

#[derive(Debug)]
pub(super) struct Append {
    pub(super) tenant: i64,
    pub(super) records: Vec<Record>,
    pub(super) now: UnixMillis,
    pub(super) answer: Answer,
}

/// What a transaction does to a tenant, if it commits.
#[derive(Debug)]
struct Draft {
    marks: Marks,
    stored: Vec<Arc<Entry>>,
}

/// So many messages share a commit, at most: beyond, waiting for each other costs more than it saves.
const GROUP: usize = 5_000;

impl Writer {
    pub(super) fn new(connection: Connection, retention: Retention, history: History) -> Self {
        Self { connection, retention, history, tenants: BTreeMap::new(), health: Health::Ok }
    }

    /// Until nobody can ask any more.
    pub(super) fn run(mut self, mut queue: mpsc::Receiver<Command>) {
        while let Some(first) = queue.blocking_recv() {
            let (mut appends, mut count, mut next) = (Vec::new(), 0, Some(first));
            let mut other = None;
            while let Some(command) = next.take() {
                match command {
                    Command::Append(append) => {
                        count += append.records.len();
                        appends.push(append);
                        if count < GROUP {
                            next = queue.try_recv().ok();
                        }
                    }
                    command => other = Some(command),
                }
            }
            if !appends.is_empty() {
                self.append(appends);
            }
            match other {
                Some(Command::Open { tenant, deliver, answer }) => {
                    let _ = answer.send(self.open(&tenant, deliver));
                }
                Some(Command::Tick(now)) => self.tick(now),
                Some(Command::Append(_)) | None => {}
            }
        }
    }

    pub(super) fn open(
        &mut self,
        name: &str,
        deliver: Weak<dyn Deliver>,
    ) -> Result<Opened, LogError> {
        let log = TenantLog::open(&mut self.connection, name, deliver, self.history)?;
        if let (Health::Degraded(_), Some(deliver)) = (&self.health, log.deliver.upgrade()) {
            deliver.health(self.health.clone());
        }
        let opened = Opened { tenant: log.id, epoch: log.epoch.clone() };
        self.tenants.insert(log.id, log);
        Ok(opened)
    }

    /// Stores what was asked in one commit, then hands it out, then acknowledges it.
    pub(super) fn append(&mut self, appends: Vec<Append>) {
        let mut answers = Vec::with_capacity(appends.len());
        match self.store(appends, &mut answers) {
            Ok(drafts) => {
                for (tenant, draft) in drafts {
                    let Some(log) = self.tenants.get_mut(&tenant) else { continue };
                    log.marks = draft.marks;
                    log.touch(&draft.stored);
                    if let Some(deliver) = log.deliver.upgrade() {
                        deliver.deliver(&draft.stored, log.marks.head);
                    }
                }
                for (answer, appended) in answers {
                    let _ = answer.send(appended);
                }
                self.tell(Health::Ok);
            }
            Err(error) => {
                for (answer, _) in answers {
                    let _ = answer.send(Err(error.clone()));
                }
                self.tell(Health::Degraded(error.to_string()));
            }
        }
    }

    fn store(
        &mut self,
        appends: Vec<Append>,
        answers: &mut Vec<(Answer, Result<Vec<Appended>, LogError>)>,
    ) -> Result<BTreeMap<i64, Draft>, LogError> {
        // All get an answer, however far this comes.
        let mut work = Vec::with_capacity(appends.len());
        for append in appends {
            answers.push((append.answer, Ok(Vec::new())));
            work.push((append.tenant, append.records, append.now));
        }
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut drafts: BTreeMap<i64, Draft> = BTreeMap::new();
        for ((tenant, records, now), (_, answer)) in work.into_iter().zip(answers.iter_mut()) {
            let Some(log) = self.tenants.get(&tenant) else { continue };
            let draft = drafts
                .entry(tenant)
                .or_insert_with(|| Draft { marks: log.marks, stored: Vec::new() });
            let ids = records.iter().filter(|record| record.id.is_some()).count();
            if ids > 0 && draft.marks.ids + ids > self.retention.ids {
                *answer = Err(LogError::TooManyIds);
                continue;
            }
            let mut appended = Vec::with_capacity(records.len());
            for record in records {
                let marks = &mut draft.marks;
                appended.push(marks.append(
                    &transaction,
                    tenant,
                    record,
                    now,
                    &mut draft.stored,
                )?);
            }
            *answer = Ok(appended);
        }
        for (tenant, draft) in &drafts {
            draft.marks.store(&transaction, *tenant)?;
        }
        transaction.commit()?;
        Ok(drafts)
    }

    pub(super) fn tick(&mut self, now: UnixMillis) {
        let done = match self.health {
            Health::Ok => self.retain(now),
            Health::Degraded(_) => self.probe(),
        };
        match done {
            Ok(()) => self.tell(Health::Ok),
            Err(error) => self.tell(Health::Degraded(error.to_string())),
        }
    }

    /// Writes something that changes nothing: whether that is possible again.
    fn probe(&mut self) -> Result<(), LogError> {
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute("UPDATE tenants SET head = head", [])?;
        Ok(transaction.commit()?)
    }

    fn tell(&mut self, health: Health) {
        if self.health == health {
            return;
        }
        match &health {
            Health::Ok => info!("the log takes messages again"),
            Health::Degraded(reason) => warn!("{reason}"),
        }
        self.health = health;
        for deliver in self.tenants.values().filter_map(|log| log.deliver.upgrade()) {
            deliver.health(self.health.clone());
        }
    }
}
