//! What a running hook does beside returning: the functions it may call write here.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use domain::{Kind, Level, UnixMillis};
use rhai::{Dynamic, EvalAltResult, Position};
use smol_str::SmolStr;
use wire::Message;

use crate::error::shortened;
use crate::{Limits, Notification, json};

/// The call that runs now, shared with the functions registered in the engine.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    acts: Arc<Mutex<Acts>>,
    begun: Instant,
    /// Nanoseconds after `begun`.
    deadline: Arc<AtomicU64>,
}

/// What it did so far.
#[derive(Debug, Default)]
pub(crate) struct Acts {
    now: UnixMillis,
    /// Numbers this plugin's messages.
    sequence: u64,
    pub(crate) dropped: bool,
    pub(crate) emitted: Vec<Message>,
    pub(crate) notifications: Vec<Notification>,
    pub(crate) printed: Vec<String>,
    pub(crate) refused_emits: u64,
    pub(crate) refused_notifications: u64,
    /// When notifications were let through, within the last minute.
    recent: Vec<UnixMillis>,
}

impl Call {
    pub(crate) fn new() -> Self {
        Self {
            acts: Arc::default(),
            begun: Instant::now(),
            deadline: Arc::new(AtomicU64::new(u64::MAX)),
        }
    }

    pub(crate) fn begin(&self, now: UnixMillis, time: Duration) {
        let deadline = (self.begun.elapsed() + time).as_nanos();
        // Relaxed: written and read by the thread that runs the call.
        self.deadline.store(u64::try_from(deadline).unwrap_or(u64::MAX), Ordering::Relaxed);
        let mut acts = self.acts();
        let (sequence, recent) = (acts.sequence, std::mem::take(&mut acts.recent));
        *acts = Acts { now, sequence, recent, ..Acts::default() };
    }

    pub(crate) fn end(&self) -> Acts {
        let mut acts = self.acts();
        let (sequence, recent) = (acts.sequence, acts.recent.clone());
        std::mem::replace(&mut *acts, Acts { sequence, recent, ..Acts::default() })
    }

    pub(crate) fn is_late(&self) -> bool {
        self.begun.elapsed().as_nanos() > u128::from(self.deadline.load(Ordering::Relaxed))
    }

    /// A panic in the interpreter leaves no more than a call half done.
    pub(crate) fn acts(&self) -> MutexGuard<'_, Acts> {
        self.acts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Acts {
    pub(crate) fn emit(
        &mut self,
        plugin: &str,
        limits: &Limits,
        ty: &str,
        data: &Dynamic,
    ) -> Result<(), Box<EvalAltResult>> {
        let emitted = self.message(plugin, limits, ty, data);
        match emitted {
            Ok(message) => {
                self.emitted.push(message);
                Ok(())
            }
            Err(reason) => {
                self.refused_emits += 1;
                Err(thrown(format!("emit: {reason}")))
            }
        }
    }

    fn message(
        &mut self,
        plugin: &str,
        limits: &Limits,
        ty: &str,
        data: &Dynamic,
    ) -> Result<Message, String> {
        if !may_be_emitted(ty) {
            return Err(format!("`{}` is not a custom type", shortened(ty.to_owned(), 80)));
        }
        if self.emitted.len() >= limits.emits {
            return Err(format!("more than {} messages in one call", limits.emits));
        }
        let data = json::write(data, limits.data_bytes).map_err(|e| e.to_string())?;
        self.sequence += 1;
        let id = format!("plugin-{plugin}-{}-{}", self.now, self.sequence);
        Message::new(ty, &data, self.now, Some(&id)).map_err(|e| e.to_string())
    }

    /// Too many are no error: a person would be none the wiser for a plugin that stops.
    pub(crate) fn notify(
        &mut self,
        plugin: &SmolStr,
        limits: &Limits,
        severity: &str,
        title: &str,
        message: &str,
    ) -> Result<(), Box<EvalAltResult>> {
        let severity = match severity {
            "LOW" => Level::Low,
            "MEDIUM" => Level::Medium,
            "HIGH" => Level::High,
            "CRITICAL" => Level::Critical,
            other => {
                let other = shortened(other.to_owned(), 40);
                let known = "LOW, MEDIUM, HIGH or CRITICAL";
                return Err(thrown(format!("notify: `{other}` is no severity; write {known}")));
            }
        };
        if title.trim().is_empty() {
            return Err(thrown("notify: the title must not be empty".to_owned()));
        }
        let now = self.now;
        // A clock that was set back must not silence anybody.
        self.recent.retain(|at| *at <= now && now.since(*at) < Duration::from_secs(60));
        if self.recent.len() >= limits.notifications {
            self.refused_notifications += 1;
            return Ok(());
        }
        self.recent.push(now);
        self.notifications.push(Notification {
            plugin: plugin.clone(),
            severity,
            title: shortened(title.to_owned(), Notification::TITLE_LIMIT),
            message: shortened(message.to_owned(), Notification::MESSAGE_LIMIT),
            at: now,
        });
        Ok(())
    }

    pub(crate) fn print(&mut self, limits: &Limits, line: &str) {
        let (lines, characters) = limits.print;
        if self.printed.len() < lines {
            self.printed.push(shortened(line.to_owned(), characters));
        }
    }
}

/// Custom types only: what VaultWatch acts upon comes from the feed alone. A type that merely begins like one of the
/// feed's is refused, too.
pub(crate) fn may_be_emitted(ty: &str) -> bool {
    Kind::of(ty) == Kind::Custom
        && !["vault_update", "market_data"].iter().any(|prefix| ty.starts_with(prefix))
        && !wire::control::is_reserved(ty)
        && ty != wire::BATCH_UPDATE
}

pub(crate) fn thrown(reason: String) -> Box<EvalAltResult> {
    EvalAltResult::ErrorRuntime(reason.into(), Position::NONE).into()
}
