//! What comes in, message by message: to the board, the alert engine, the history and the window.

use domain::payload::Payload;
use domain::view::WindowEvent;
use domain::{UnixMillis, VaultId};
use realtime::{Delivery, Inbound};
use wire::{Invalid, InvalidKind, Message};

use super::Core;
use crate::board::{Applied, Order};
use crate::{Observed, origins, status};

impl Core {
    pub(super) async fn deliver(&mut self, delivery: Delivery) {
        for inbound in delivery.messages {
            self.inbound(inbound, delivery.received);
        }
        // What waits for its key does not come before the position does.
        self.place.reach(delivery.position);
        if let Some(notice) = self.missed.take_unread() {
            self.notice(notice).await;
        }
        self.carry_out().await;
    }

    pub(super) fn inbound(&mut self, inbound: Inbound, now: UnixMillis) {
        let message = match inbound {
            Inbound::Message(message) => message,
            Inbound::Invalid(invalid) => return self.invalid(&invalid, now),
            Inbound::SnapshotEnd(end) => return self.snapshot_ended(&end),
        };
        let topics = &self.options.topics;
        if !topics.is_empty() && !topics.iter().any(|topic| topic.matches(message.ty())) {
            return;
        }
        self.statistics.messages += 1;
        self.statistics.first_message.get_or_insert(now);
        self.statistics.last_message = Some(now);
        match Payload::of(&message) {
            Ok(payload) => self.apply(payload, &message, now),
            Err(invalid) => self.invalid(&invalid, now),
        }
    }

    pub(super) fn apply(&mut self, payload: Payload, message: &Message, now: UnixMillis) {
        let before = self.effects.len();
        self.apply_payload(payload, message, now);
        self.origins.note(&self.effects[before..], message);
    }

    fn apply_payload(&mut self, payload: Payload, message: &Message, now: UnixMillis) {
        match payload {
            Payload::Vault(id, patch) => {
                match self.board.apply_vault(id, patch, message.timestamp, now) {
                    Applied::Changed { entry, before, order } => {
                        let effects = &mut self.effects;
                        let level = self.engine.vault_changed(&before, &entry.vault, now, effects);
                        let change = entry.set_level(level);
                        let waits = self.engine.waits_for(&entry.vault.id);
                        entry.origin = waits.then(|| Box::new(origins::of(message)));
                        self.history.vault(&entry.vault, now);
                        self.shell.observe(Observed::Vault { vault: &entry.vault, level });
                        self.statistics.clock_steps += u64::from(order == Order::ClockStep);
                        self.window.vault_changed(entry);
                        self.board.count_critical(change);
                    }
                    Applied::Late => self.statistics.late += 1,
                    Applied::Refused => self.too_many("vaults", message, now),
                }
            }
            Payload::Market(chain, patch) => {
                match self.board.apply_market(chain, *patch, message.timestamp, now) {
                    Some((_, Order::Late)) => self.statistics.late += 1,
                    Some((market, order)) => {
                        self.engine.market_changed(market, now, &mut self.effects);
                        self.shell.observe(Observed::Market(market));
                        self.history.market(market, now);
                        if !self.engine.rules().is_empty() {
                            self.origins.keep_market(chain, message);
                        }
                        self.statistics.clock_steps += u64::from(order == Order::ClockStep);
                        self.window.market_changed();
                    }
                    None => self.too_many("chains", message, now),
                }
            }
            Payload::Status(status, extra) => {
                self.engine.status_changed(&status, &extra, now, &mut self.effects);
                if !self.engine.rules().is_empty() {
                    self.origins.keep_status(message);
                }
                let view = status::view(*status, extra, now);
                self.shell.observe(Observed::Status(&view));
                self.shell.window(&WindowEvent::Status(view.clone()));
                self.status = Some(view);
            }
            Payload::Alert(alert) => {
                self.engine.platform_alert(&alert, &self.board, now, &mut self.effects);
            }
            Payload::AlertState(state) => {
                self.engine.alert_state(&state, &self.board, now, &mut self.effects);
                self.shell.observe(Observed::Custom(message));
            }
            Payload::Custom => self.shell.observe(Observed::Custom(message)),
        }
    }

    /// What the server has no state of any more is not live, however young it is.
    pub(super) fn snapshot_ended(&mut self, end: &realtime::SnapshotEnd) {
        let has = |id: &VaultId| {
            let ty = format!("vault_update_{id}");
            let asked = end.topics.is_empty() || end.topics.iter().any(|topic| topic.matches(&ty));
            !asked || end.keys.iter().any(|key| *key == ty)
        };
        for id in self.board.mark_absent(has) {
            if let Some(entry) = self.board.entry_mut(&id) {
                self.window.vault_changed(entry);
            }
        }
        self.show_tray();
    }

    pub(super) fn too_many(&mut self, what: &'static str, message: &Message, now: UnixMillis) {
        let reason = format!("more {what} than this program watches");
        self.invalid(&Invalid::new(InvalidKind::TooLarge, reason, message.data()), now);
    }

    pub(super) fn invalid(&mut self, invalid: &Invalid, now: UnixMillis) {
        self.statistics.invalid += 1;
        self.missed.invalid(invalid, now);
        if self.feed.note_invalid(invalid, now) {
            tracing::warn!(reason = %invalid, sample = invalid.sample, "an invalid message was dropped");
        }
        self.feed_view_changed = true;
        self.shell.observe(Observed::Invalid(invalid));
    }
}
