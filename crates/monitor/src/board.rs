mod markets;
mod questions;

use std::collections::HashMap;
use std::time::Duration;

use alerts::{Before, Exposure, Known, Silent, Vaults};
use domain::market::{Market, MarketPatch};
use domain::solvency::Solvency;
use domain::vault::VaultPatch;
use domain::view::{Freshness, MarketView, Origin, Totals, VaultRow};
use domain::{ChainId, Level, Percent, UnixMillis, Usd, Vault, VaultId};
use foldhash::fast::FixedState;
use rust_decimal::Decimal;
use smol_str::SmolStr;

use self::markets::Markets;

/// Most vaults on the board; a feed that invents more is not believed.
pub(crate) const VAULT_LIMIT: usize = 50_000;
/// A value is stale after three of its usual intervals, but not before this.
const STALE_AFTER: Duration = Duration::from_secs(60);
/// State that is older than what is known by no more than this is late and dropped; a larger step back means that
/// the sender's clock was set.
const LATE: Duration = Duration::from_secs(5);

/// The last value of every key.
#[derive(Debug, Default)]
pub(crate) struct Board {
    vaults: HashMap<VaultId, Entry, FixedState>,
    markets: Markets,
    critical: usize,
    stale: usize,
    /// Set while the feed is down: then nothing is live.
    feed_down: bool,
}

#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) vault: Vault,
    pub(crate) received: UnixMillis,
    level: Option<Level>,
    interval: Interval,
    /// The sender's timestamp of the newest message.
    stamp: UnixMillis,
    freshness: Freshness,
    /// The server has no state of it any more.
    absent: bool,
    /// Derived figures, until the next update.
    solvency: Option<Box<Solvency>>,
    /// Waits to be sent to the window.
    pub(crate) dirty: bool,
    /// Its last message, while it is not well: time may raise an alert by it.
    pub(crate) origin: Option<Box<Origin>>,
}

/// What is as fresh as it was not before.
#[derive(Debug)]
pub(crate) struct Aged {
    pub(crate) vaults: Vec<VaultId>,
    /// Whether any market is.
    pub(crate) markets: bool,
}

/// The usual time between updates of one key, as a running mean over about eight of them.
#[derive(Clone, Copy, Debug, Default)]
struct Interval(Option<u32>);

impl Interval {
    fn note(&mut self, gap: Duration) {
        let gap = u32::try_from(gap.as_millis()).unwrap_or(u32::MAX);
        self.0 = Some(self.0.map_or(gap, |mean| mean - mean / 8 + gap / 8));
    }

    fn stale_after(self) -> Duration {
        let usual = Duration::from_millis(u64::from(self.0.unwrap_or(0)));
        (usual * 3).max(STALE_AFTER)
    }
}

/// How the timestamp of a message relates to what is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    Newer,
    /// Dropped.
    Late,
    /// Applied: the sender's clock was set back.
    ClockStep,
}

fn order(known: UnixMillis, stamp: UnixMillis) -> Order {
    if stamp >= known {
        Order::Newer
    } else if known.since(stamp) <= LATE {
        Order::Late
    } else {
        Order::ClockStep
    }
}

/// Whether a vault became critical or ceased to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CriticalChange {
    None,
    Entered,
    Left,
}

/// What an update did.
pub(crate) enum Applied<'a> {
    Changed {
        entry: &'a mut Entry,
        before: Before,
        order: Order,
    },
    Late,
    /// The board is full.
    Refused,
}

impl Board {
    pub(crate) fn apply_vault(
        &mut self,
        id: VaultId,
        patch: Box<VaultPatch>,
        stamp: UnixMillis,
        now: UnixMillis,
    ) -> Applied<'_> {
        let full = self.vaults.len() >= VAULT_LIMIT;
        let entry = match self.vaults.entry(id) {
            std::collections::hash_map::Entry::Occupied(entry) => entry.into_mut(),
            std::collections::hash_map::Entry::Vacant(_) if full => return Applied::Refused,
            std::collections::hash_map::Entry::Vacant(slot) => {
                let id = slot.key().clone();
                slot.insert(Entry::new(id, stamp, now))
            }
        };
        let order = order(entry.stamp, stamp);
        if order == Order::Late {
            return Applied::Late;
        }
        let before = Before { sent: Some(stamp), ..Before::of(&entry.vault) };
        entry.vault.apply(*patch);
        if now > entry.received {
            entry.interval.note(now.since(entry.received));
        }
        entry.received = now;
        entry.stamp = stamp;
        entry.absent = false;
        entry.solvency = None;
        if entry.freshness == Freshness::Stale && !self.feed_down {
            entry.freshness = Freshness::Live;
            self.stale -= 1;
        }
        Applied::Changed { entry, before, order }
    }

    /// Counts what [`Entry::set_level`] changed.
    pub(crate) fn count_critical(&mut self, change: CriticalChange) {
        match change {
            CriticalChange::None => {}
            CriticalChange::Entered => self.critical += 1,
            CriticalChange::Left => self.critical -= 1,
        }
    }

    pub(crate) fn apply_market(
        &mut self,
        chain: ChainId,
        patch: MarketPatch,
        stamp: UnixMillis,
        now: UnixMillis,
    ) -> Option<(&Market, Order)> {
        self.markets.apply(chain, patch, stamp, now)
    }

    pub(crate) fn entry(&self, id: &VaultId) -> Option<&Entry> {
        self.vaults.get(id)
    }

    pub(crate) fn entry_mut(&mut self, id: &VaultId) -> Option<&mut Entry> {
        self.vaults.get_mut(id)
    }

    /// Everything, each since when.
    pub(crate) fn known(&self) -> Known<'_> {
        let vaults = self.vaults.values().map(|entry| (&entry.vault, entry.received));
        Known { vaults: vaults.collect(), markets: self.markets.known().collect() }
    }

    pub(crate) fn vaults(&self) -> HashMap<VaultId, Vault> {
        self.vaults.iter().map(|(id, entry)| (id.clone(), entry.vault.clone())).collect()
    }

    pub(crate) fn len(&self) -> usize {
        self.vaults.len()
    }

    pub(crate) fn critical(&self) -> usize {
        self.critical
    }

    pub(crate) fn stale(&self) -> usize {
        self.stale
    }

    /// While the feed is down nothing is live; once it is back each value's own age decides.
    pub(crate) fn set_feed_down(&mut self, down: bool) {
        self.feed_down = down;
    }

    /// Renews the freshness of everything; returns where it changed.
    pub(crate) fn age(&mut self, now: UnixMillis) -> Aged {
        let mut changed = Vec::new();
        self.stale = 0;
        for entry in self.vaults.values_mut() {
            let old = now.since(entry.received) > entry.interval.stale_after();
            let freshness = if old || entry.absent || self.feed_down {
                Freshness::Stale
            } else {
                Freshness::Live
            };
            self.stale += usize::from(freshness == Freshness::Stale);
            if freshness != entry.freshness {
                entry.freshness = freshness;
                changed.push(entry.vault.id.clone());
            }
        }
        Aged { vaults: changed, markets: self.markets.age(self.feed_down, now) }
    }

    /// Makes stale what the server has no state of; returns the vaults where that is news.
    pub(crate) fn mark_absent(&mut self, has: impl Fn(&VaultId) -> bool) -> Vec<VaultId> {
        let mut changed = Vec::new();
        for entry in self.vaults.values_mut().filter(|entry| !has(&entry.vault.id)) {
            entry.absent = true;
            if entry.freshness == Freshness::Live {
                entry.freshness = Freshness::Stale;
                self.stale += 1;
                changed.push(entry.vault.id.clone());
            }
        }
        changed
    }

    /// Everything waits for the window: it has just been opened. Returns all vaults, worst first.
    pub(crate) fn mark_all(&mut self) -> Vec<VaultId> {
        self.markets.mark_all();
        let mut all: Vec<_> = self
            .vaults
            .values_mut()
            .map(|entry| {
                entry.dirty = true;
                (entry.level, entry.vault.id.clone())
            })
            .collect();
        all.sort_by(|a, b| b.cmp(a));
        all.into_iter().map(|(_, id)| id).collect()
    }

    /// The lines of the worst vaults, so many at the most, and all markets. What waits for the window goes on waiting.
    pub(crate) fn worst(
        &mut self,
        most: usize,
        now: UnixMillis,
    ) -> (Vec<VaultRow>, Vec<MarketView>) {
        let mut all: Vec<_> =
            self.vaults.values().map(|entry| (entry.level, entry.vault.id.clone())).collect();
        all.sort_by(|a, b| b.cmp(a));
        all.truncate(most);
        let rows = all.iter().filter_map(|(_, id)| Some(self.vaults.get_mut(id)?.row())).collect();
        (rows, self.markets.all(self.feed_down, now))
    }

    /// A vault's line, which from now on waits no more.
    pub(crate) fn take_row(&mut self, id: &VaultId) -> Option<VaultRow> {
        let entry = self.vaults.get_mut(id)?;
        entry.dirty = false;
        Some(entry.row())
    }

    /// The markets that wait for the window.
    pub(crate) fn take_markets(&mut self, now: UnixMillis) -> Vec<MarketView> {
        self.markets.take(self.feed_down, now)
    }

    /// The vaults at risk of which nothing is heard any more.
    pub(crate) fn silent(&self) -> impl Iterator<Item = Silent<'_>> {
        let at_risk = |entry: &&Entry| {
            entry.freshness == Freshness::Stale && entry.level >= Some(Level::Medium)
        };
        self.vaults.values().filter(at_risk).filter_map(|entry| {
            let usual = entry.interval.0.map(|millis| Duration::from_millis(millis.into()));
            let level = entry.level?;
            Some(Silent { vault: &entry.vault, usual, last: entry.received, level })
        })
    }

    pub(crate) fn exposure(&self, feed: &str) -> Exposure {
        let at_risk = |entry: &&Entry| entry.level >= Some(Level::High);
        Exposure {
            feed: feed.to_owned(),
            vaults: self.vaults.len(),
            critical: self.critical,
            at_risk: self.vaults.values().filter(at_risk).count(),
            no_network: false,
        }
    }

    pub(crate) fn totals(&mut self) -> Totals {
        let mut totals = Totals {
            vaults: u32::try_from(self.vaults.len()).unwrap_or(u32::MAX),
            critical: 0,
            high: 0,
            medium: 0,
            low: 0,
            unknown: 0,
            stale: 0,
            collateral: Usd::ZERO,
            debt: Usd::ZERO,
            debt_at_risk: Usd::ZERO,
            cure: Usd::ZERO,
            closest: None,
        };
        for entry in self.vaults.values_mut() {
            if entry.freshness == Freshness::Stale {
                totals.stale += 1;
                continue;
            }
            let level = entry.level;
            let id = entry.vault.id.clone();
            let solvency = entry.solvency();
            match level {
                None => totals.unknown += 1,
                Some(Level::Low) => totals.low += 1,
                Some(Level::Medium) => totals.medium += 1,
                Some(Level::High) => totals.high += 1,
                Some(Level::Critical) => totals.critical += 1,
            }
            add(&mut totals.collateral, solvency.collateral);
            add(&mut totals.debt, solvency.debt);
            if level >= Some(Level::High) {
                add(&mut totals.debt_at_risk, solvency.debt);
                add(&mut totals.cure, solvency.cure.as_ref().map(|cure| cure.repay.usd));
            }
            if let Some(room) = solvency.room
                && totals.closest.as_ref().is_none_or(|(_, closest): &(_, Percent)| room < *closest)
            {
                totals.closest = Some((id, room));
            }
        }
        totals
    }
}

/// Adds what is known; a sum beyond 28 digits stays where it is.
fn add(to: &mut Usd, value: Option<Usd>) {
    let value = value.map_or(Decimal::ZERO, |usd| usd.0);
    to.0 = to.0.checked_add(value).unwrap_or(to.0);
}

impl Vaults for Board {
    fn vault(&self, id: &VaultId) -> Option<&Vault> {
        self.vaults.get(id).map(|entry| &entry.vault)
    }
}

impl Entry {
    fn new(id: VaultId, stamp: UnixMillis, now: UnixMillis) -> Self {
        Self {
            vault: Vault::unknown(id),
            received: now,
            level: None,
            interval: Interval::default(),
            stamp,
            freshness: Freshness::Live,
            absent: false,
            solvency: None,
            dirty: false,
            origin: None,
        }
    }

    /// Has it wait for the window; returns whether it was not waiting before.
    pub(crate) fn mark(&mut self) -> bool {
        !std::mem::replace(&mut self.dirty, true)
    }

    /// Records the level an update led to.
    pub(crate) fn set_level(&mut self, level: Option<Level>) -> CriticalChange {
        let critical = |level| level == Some(Level::Critical);
        let was = critical(std::mem::replace(&mut self.level, level));
        match (was, critical(level)) {
            (false, true) => CriticalChange::Entered,
            (true, false) => CriticalChange::Left,
            _ => CriticalChange::None,
        }
    }

    pub(crate) fn solvency(&mut self) -> &Solvency {
        self.solvency.get_or_insert_with(|| Box::new(Solvency::of(&self.vault)))
    }

    pub(crate) fn row(&mut self) -> VaultRow {
        let (freshness, received, level) = (self.freshness, self.received, self.level);
        let solvency = self.solvency().clone();
        Self::row_of(&self.vault, solvency, freshness, received, level)
    }

    /// As [`Entry::row`], without remembering the figures.
    pub(crate) fn fresh_row(&self) -> VaultRow {
        let solvency = Solvency::of(&self.vault);
        Self::row_of(&self.vault, solvency, self.freshness, self.received, self.level)
    }

    fn row_of(
        vault: &Vault,
        solvency: Solvency,
        freshness: Freshness,
        received: UnixMillis,
        level: Option<Level>,
    ) -> VaultRow {
        let tokens: Vec<_> =
            vault.collateral.iter().flatten().map(|holding| holding.token.as_str()).collect();
        // What was told keeps its digits; what was divided does not need them all.
        VaultRow {
            id: vault.id.clone(),
            name: vault.name.clone(),
            tokens: SmolStr::new(tokens.join(", ")),
            chain_id: vault.chain_id,
            status: vault.status,
            level,
            freshness,
            received,
            room: solvency.room.map(Percent::in_brief),
            health: solvency.health.in_brief(),
            ltv: solvency.ltv,
            max_ltv: vault.max_ltv,
            limit: solvency.limit,
            liquidation_price: solvency.liquidation_price.map(Usd::in_brief),
            collateral: solvency.collateral,
            debt: solvency.debt,
            cure: solvency.cure.map(|cure| cure.repay.usd.in_brief()),
        }
    }
}
