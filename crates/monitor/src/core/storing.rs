//! What is kept over a restart, and when.

use domain::UnixMillis;
use domain::view::WindowEvent;
use store::Batch;

use super::{CLEAN_EVERY, Core};

impl Core {
    pub(super) async fn save(&mut self, notifications: Vec<store::Stored>) {
        if !notifications.is_empty() {
            self.write(notifications).await;
        }
    }

    /// Writes what has changed in place, and how far the log was read.
    pub(super) async fn note(&mut self) {
        let unsaved = self.center.take_unsaved();
        self.remember();
        if !unsaved.is_empty() || !self.memory.is_empty() || self.place.has_moved() {
            self.write(unsaved).await;
        }
    }

    pub(super) fn remember(&mut self) {
        let memory = self.engine.take_memory();
        self.memory.extend(memory.into_iter().map(|(k, v)| (k.into(), v.unwrap_or_default())));
    }

    /// Writes, but never lets a sick disk stand between an alert and the person.
    pub(super) async fn write(&mut self, notifications: Vec<store::Stored>) {
        self.remember();
        let ids: Vec<_> = notifications.iter().map(|stored| stored.view.id).collect();
        let memory = std::mem::take(&mut self.memory);
        let records = self.center.take_records();
        let batch = Batch {
            notifications,
            records: records.clone(),
            memory: memory.iter().map(|(key, value)| (key.clone(), value.clone())).collect(),
            place: None,
        };
        let written = self.place.write(&self.store, batch);
        match self.disk.wait(written).await {
            Some(Ok(())) => return,
            Some(Err(error)) => {
                tracing::error!(%error, "notifications could not be stored");
                self.center.keep_records(records);
            }
            // It has them, and may yet write them: they would be there twice.
            None => tracing::error!("the disk has not answered in time; showing the alert first"),
        }
        // The place must not be written without them.
        self.center.keep_unsaved(ids);
        let newer = std::mem::replace(&mut self.memory, memory);
        self.memory.extend(newer);
    }

    pub(super) async fn clean(&mut self, now: UnixMillis) {
        if now.since(self.cleaned) < CLEAN_EVERY && now >= self.cleaned {
            return;
        }
        self.cleaned = now;
        self.center.forget_removed(now);
        let surplus = self.center.surplus();
        let removed = async {
            self.store.remove(surplus.clone()).await?;
            self.store.clean(now).await
        };
        match self.disk.wait(removed).await {
            Some(Ok(old)) => {
                for id in surplus.into_iter().chain(old) {
                    if self.center.dismiss(id) {
                        self.shell.window(&WindowEvent::Dismissed(id));
                    }
                }
            }
            Some(Err(error)) => tracing::warn!(%error, "old notifications could not be removed"),
            None => {}
        }
    }
}
