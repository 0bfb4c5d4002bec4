use std::sync::Arc;
use std::time::Duration;

use channels::{CallError, Caller, Clock};
use smol_str::{SmolStr, format_smolstr};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use super::alert::Channel;
use super::config::Tenant as Receivers;
use super::heard::{Action, ESCALATION, Escalation, Heard};
use super::ledger::Ledger;
use super::machine::{Called, Claimed, Machine, Step};
use super::message;
use crate::feed::wall_clock;
use crate::log::Entry;
use crate::server::{EventReader, Recorded, Tenant, count_escalation, record};

/// Between attempts to read a log or to write the ledger.
const AGAIN: Duration = Duration::from_secs(2);
/// Of a log that was never read before, alerts older than this are history: whoever configures escalation today does
/// not want to be called about last week.
const HISTORY: Duration = Duration::from_secs(3_600);
/// How often it is kept how far the log was read, if there is nothing else to keep.
const POSITION_EVERY: Duration = Duration::from_secs(60);
/// Longest sleep, so that what is to be forgotten is.
const LONGEST: Duration = Duration::from_secs(3_600);

/// Everything one tenant's escalation needs.
#[derive(Debug)]
pub(super) struct Watch {
    pub(super) name: SmolStr,
    pub(super) tenant: Arc<Tenant>,
    pub(super) receivers: Receivers,
    pub(super) ledger: Ledger,
    pub(super) caller: Caller,
}

/// A call that has ended.
type Done = (SmolStr, Channel, Result<(), CallError>);

impl Watch {
    /// Reads, waits and calls until it is dropped, or relieved: then it waits for the calls that are under way, so that
    /// whoever goes on from the ledger does not make them again.
    pub(super) async fn run(self, relieved: CancellationToken) {
        let kept = loop {
            match self.ledger.load(&self.name).await {
                Ok(kept) => break kept,
                Err(error) => {
                    error!(tenant = %self.name, %error, "who was called cannot be read");
                    tokio::time::sleep(AGAIN).await;
                }
            }
        };
        let clock = Clock::start();
        let mut reader = EventReader::new(Arc::clone(&self.tenant), kept.position.clone());
        let known = kept.position.is_some_and(|(epoch, _)| epoch == reader.position().0);
        let from = if known { i64::MIN } else { clock.now().minus(HISTORY).0 };
        let channels = [
            self.receivers.webhook.as_ref().map(|_| Channel::Webhook),
            self.receivers.ntfy.as_ref().map(|_| Channel::Ntfy),
        ];
        let channels = channels.into_iter().flatten().collect();
        let name = self.ledger.name.clone();
        let mut machine = Machine::new(name, self.receivers.after, channels, kept.alerts);
        let mut calls = JoinSet::new();
        let (mut told_of_sealed, mut kept_at) = (false, None);
        loop {
            let read = self.read(&mut reader, &mut machine, &clock, from, &mut told_of_sealed);
            let mut again = read.await.err();
            // Before anybody is called: after a crash it must be known that it was to happen.
            again = again.or(self.keep(&mut machine, &reader, &clock, &mut kept_at).await.err());
            while let Some(step) = machine.next(clock.now()) {
                self.take(step, &mut machine, &mut calls, &clock).await;
            }
            again = again.or(self.keep(&mut machine, &reader, &clock, &mut kept_at).await.err());
            let wake =
                machine.wake_at().map_or(Instant::now() + LONGEST, |at| clock.instant(at, LONGEST));
            let wake = again.map_or(wake, |Again| wake.min(Instant::now() + AGAIN));
            tokio::select! {
                // The log ends with the gateway.
                more = reader.more() => if !more { return },
                () = relieved.cancelled() => break,
                () = sleep_until(wake) => {}
                Some(done) = calls.join_next() => {
                    if let Ok(done) = done {
                        self.called(done, &mut machine, &clock);
                    }
                }
            }
        }
        while let Some(done) = calls.join_next().await {
            if let Ok(done) = done {
                self.called(done, &mut machine, &clock);
            }
        }
        // Should that fail, whoever goes on reads again what was not kept.
        let _ = self.keep(&mut machine, &reader, &clock, &mut kept_at).await;
    }

    async fn read(
        &self,
        reader: &mut EventReader,
        machine: &mut Machine,
        clock: &Clock,
        from: i64,
        told_of_sealed: &mut bool,
    ) -> Result<(), Again> {
        // All of it, before anybody is called: what was acknowledged may stand at the end.
        let upto = reader.head();
        loop {
            let read = reader.read(upto).await.map_err(|error| {
                warn!(tenant = %self.name, %error, "the log cannot be read for escalation");
                Again
            })?;
            let Some(heard) = read else { return Ok(()) };
            if heard.lost.is_none_or(|lost| lost > 0) {
                let lost = heard.lost;
                warn!(tenant = %self.name, ?lost, "events went unread: an alert may be among them");
            }
            let epoch = reader.position().0;
            self.hear(heard.entries, &epoch, machine, clock, from, told_of_sealed);
        }
    }

    /// What this says to whoever waits for somebody to look.
    fn hear(
        &self,
        entries: Vec<Arc<Entry>>,
        epoch: &str,
        machine: &mut Machine,
        clock: &Clock,
        from: i64,
        told_of_sealed: &mut bool,
    ) {
        for entry in entries {
            let Some((heard, at)) = Heard::of(&entry) else { continue };
            if heard == Heard::Sealed && !*told_of_sealed {
                *told_of_sealed = true;
                warn!(
                    tenant = %self.name,
                    "alerts are end-to-end encrypted: the gateway cannot tell how severe they are and calls nobody"
                );
            }
            if matches!(heard, Heard::Critical(_)) && at < from {
                continue;
            }
            machine.hear(heard, delivery(&self.name, epoch, entry.offset), clock.now());
        }
    }

    async fn keep(
        &self,
        machine: &mut Machine,
        reader: &EventReader,
        clock: &Clock,
        kept: &mut Option<Instant>,
    ) -> Result<(), Again> {
        let changes = machine.changes(clock.now());
        let position = reader.position();
        // Reading on is not worth a write each time: what is read again after a restart changes nothing.
        let stale = kept.is_none_or(|kept| kept.elapsed() >= POSITION_EVERY);
        if changes.is_empty() && !stale {
            return Ok(());
        }
        match self.ledger.save(&self.name, &position, &changes).await {
            Ok(()) => {
                *kept = Some(Instant::now());
                Ok(())
            }
            Err(error) => {
                // Nobody stays uncalled because a disk is full.
                error!(tenant = %self.name, %error, "who is to be called cannot be kept");
                machine.unkept(changes);
                Err(Again)
            }
        }
    }

    async fn take(
        &self,
        step: Step,
        machine: &mut Machine,
        calls: &mut JoinSet<Done>,
        clock: &Clock,
    ) {
        match step {
            Step::Claim { key, escalation } => {
                let claim = escalation.claim;
                let claimed = self.publish(&escalation, clock).await;
                machine.claimed(&key, claim, claimed, clock.now());
            }
            Step::Tell { key, escalation } => {
                let told = self.publish(&escalation, clock).await;
                machine.told(&key, told, clock.now());
            }
            Step::Call { key, channel, alert } => {
                // By the clock that its receiver has, too.
                let post = match (channel, &self.receivers.webhook, &self.receivers.ntfy) {
                    (Channel::Webhook, Some(webhook), _) => {
                        message::webhook(webhook, &self.name, &alert, wall_clock())
                    }
                    (Channel::Ntfy, _, Some(ntfy)) => message::ntfy(ntfy, &alert),
                    _ => return,
                };
                let caller = self.caller.clone();
                calls.spawn(async move { (key, channel, caller.call(post).await) });
            }
        }
    }

    async fn publish(&self, escalation: &Escalation, clock: &Clock) -> Claimed {
        let id = match escalation.action {
            Action::Calling => {
                format_smolstr!("{}-calling-{}", escalation.delivery, escalation.claim)
            }
            Action::Delivered => format_smolstr!("{}-delivered", escalation.delivery),
        };
        match record(&self.tenant, ESCALATION, escalation, clock.now(), id).await {
            Ok(Recorded::New) => Claimed::Ours,
            Ok(Recorded::Known) => Claimed::Theirs,
            Err(error) => {
                warn!(tenant = %self.name, %error, "the log does not take an escalation");
                Claimed::Unknown
            }
        }
    }

    fn called(&self, (key, channel, result): Done, machine: &mut Machine, clock: &Clock) {
        count_escalation(&self.tenant, result.is_ok());
        let called = match result {
            Ok(()) => {
                info!(tenant = %self.name, alert = %key, ?channel, "somebody was called");
                Called::Delivered
            }
            Err(error) => {
                warn!(tenant = %self.name, alert = %key, ?channel, %error, "nobody was reached; trying again");
                Called::Failed { retry_after: error.retry_after() }
            }
        };
        machine.called(&key, channel, called, clock.now());
    }
}

/// Something failed that may work soon.
#[derive(Clone, Copy, Debug)]
struct Again;

/// Names the beginning of an alert: its place, which is the same for every gateway of a log, hashed to fit an id.
fn delivery(tenant: &str, epoch: &str, offset: u64) -> SmolStr {
    let place = format!("{tenant}\n{epoch}\n{offset}");
    let digest = ring::digest::digest(&ring::digest::SHA256, place.as_bytes());
    let hex: String = digest.as_ref()[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    hex.into()
}
