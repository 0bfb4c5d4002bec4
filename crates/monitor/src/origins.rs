//! Which message raised an alert: kept until the alert is written, and of what waits until it is over.

use std::collections::{BTreeMap, VecDeque};

use alerts::{Change, Changed, Condition, Effect, Subject};
use domain::ChainId;
use domain::view::{NotificationId, Origin};
use wire::Message;

use crate::board::Board;

/// The messages behind what the alert engine asked for. The engine keeps none: it would hold them for as long as an alert
/// is open.
#[derive(Debug, Default)]
pub(crate) struct Origins {
    /// Of alerts that were raised or made worse and not carried out yet, in that order.
    raised: VecDeque<(NotificationId, Origin)>,
    /// The last message of each chain and of the platform: a rule may wait before it raises something. Those of vaults
    /// are on the board.
    markets: BTreeMap<ChainId, Origin>,
    status: Option<Origin>,
}

/// The envelope as it is kept.
pub(crate) fn of(message: &Message) -> Origin {
    Origin::new(message.to_json())
}

impl Origins {
    /// This message has led to these effects.
    pub(crate) fn note(&mut self, effects: &[Effect], message: &Message) {
        let mut origin = None;
        for changed in raised(effects) {
            let origin = origin.get_or_insert_with(|| of(message));
            self.raised.push_back((changed.view.id, origin.clone()));
        }
    }

    /// Time alone has led to these, or another rule: what was known last has raised them.
    pub(crate) fn note_known(&mut self, effects: &[Effect], board: &Board) {
        for changed in raised(effects) {
            if let Some(origin) = self.known(&changed.condition, board) {
                self.raised.push_back((changed.view.id, origin));
            }
        }
    }

    fn known(&self, condition: &Condition, board: &Board) -> Option<Origin> {
        match (&condition.vault, &condition.subject) {
            (Some(vault), _) => board.entry(vault)?.origin.as_deref().cloned(),
            (None, Subject::Rule(rule)) => match rule.chain() {
                Some(chain) => self.markets.get(&chain).cloned(),
                None => self.status.clone(),
            },
            (None, _) => None,
        }
    }

    /// Rules look at markets, and may raise something by this one later.
    pub(crate) fn keep_market(&mut self, chain: ChainId, message: &Message) {
        self.markets.insert(chain, of(message));
    }

    /// The same of the platform's status.
    pub(crate) fn keep_status(&mut self, message: &Message) {
        self.status = Some(of(message));
    }

    /// What has led to this change. Each is told once.
    pub(crate) fn take(&mut self, changed: &Changed) -> Option<Origin> {
        if !is_raised(changed) {
            return None;
        }
        let at = self.raised.iter().position(|(id, _)| *id == changed.view.id)?;
        self.raised.remove(at).map(|(_, origin)| origin)
    }

    /// Everything was carried out.
    pub(crate) fn forget(&mut self) {
        self.raised.clear();
    }
}

fn raised(effects: &[Effect]) -> impl Iterator<Item = &Changed> {
    effects.iter().filter_map(|effect| match effect {
        Effect::Changed(changed) if is_raised(changed) => Some(&**changed),
        _ => None,
    })
}

/// Whether a message can be behind it. Incidents are sums; what nothing was heard of was raised by no message.
fn is_raised(changed: &Changed) -> bool {
    let by_message = matches!(
        changed.condition.subject,
        Subject::Solvency
            | Subject::Liquidation
            | Subject::Category(_)
            | Subject::Type(_)
            | Subject::Rule(_)
    );
    by_message && matches!(changed.change, Change::Raised | Change::Worsened)
}
