//! The engine as a side of the comparison: a notification is what the operating system is asked to show aloud, and the
//! end of an alert what the center notes of it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use alerts::{Act, Before, Change, Effect, Engine, Exposure, Input, LevelTimes, Policy, Vaults};
use domain::platform_alert::PlatformAlert;
use domain::view::NotificationId;
use domain::{Level, UnixMillis, Vault, VaultId};

use crate::script::{Alert, Severity, Side, Told, Transcript};

pub(crate) struct Here {
    pub(crate) engine: Engine,
    pub(crate) exposure: Exposure,
    /// What the operating system shows.
    pub(crate) live: BTreeSet<NotificationId>,
    now: UnixMillis,
    vaults: Known,
    transcript: Transcript,
    /// What was told under an id.
    names: BTreeMap<NotificationId, BTreeSet<String>>,
}

#[derive(Default)]
struct Known(BTreeMap<VaultId, Vault>);

impl Vaults for Known {
    fn vault(&self, id: &VaultId) -> Option<&Vault> {
        self.0.get(id)
    }
}

/// Thursday, 1 January 2026, noon in Greenwich.
const START: UnixMillis = UnixMillis(1_767_268_800_000);
/// Time passes in tenths of a unit.
const STEP: Duration = Duration::from_millis(100);

/// The times of [`TIMES`](crate::alertmanager::TIMES), as far as they are the same thing.
pub(crate) fn policy() -> Policy {
    let unit = Here::UNIT;
    Policy {
        hold: LevelTimes { medium: unit, high: Duration::ZERO, critical: Duration::ZERO },
        recovery: unit,
        repeat_critical: vec![unit * 5],
        repeat_critical_after: unit * 5,
        repeat_high: unit * 5,
        interval: unit,
        notify_from: Level::High,
        ..Policy::default()
    }
}

impl Here {
    pub(crate) fn start(policy: Policy) -> Self {
        Self {
            engine: Engine::new(policy),
            exposure: Exposure::default(),
            live: BTreeSet::new(),
            now: START,
            vaults: Known::default(),
            transcript: Transcript::default(),
            names: BTreeMap::new(),
        }
    }

    pub(crate) fn step(&mut self, input: Input<'_>) {
        let mut effects = Vec::new();
        self.engine.step(input, &self.vaults, self.now, &mut effects);
        self.take(effects);
    }

    /// What somebody does about everything that is open.
    pub(crate) fn about_all(&mut self, act: impl FnOnce(Vec<NotificationId>) -> Act) {
        let ids = self.engine.open().map(|one| one.id).collect();
        self.step(Input::Act(act(ids)));
    }

    fn ltv(&mut self, vault: &str, ltv: &str) {
        let id = VaultId::new(vault).unwrap();
        let vault = self.vaults.0.entry(id.clone()).or_insert_with(|| position(id, ltv));
        let before = Before::of(vault);
        vault.apply(serde_json::from_str(&format!(r#"{{"ltv":{ltv}}}"#)).unwrap());
        let vault = vault.clone();
        self.step(Input::Vault { before, vault: &vault });
    }

    fn platform_says(&mut self, vault: &str, severity: &str) {
        let said = format!(
            r#"{{"vaultId":"{vault}","category":"MARKET_RISK","severity":"{severity}","title":"At risk","message":"m"}}"#
        );
        let alert: PlatformAlert = serde_json::from_str(&said).unwrap();
        self.step(Input::PlatformAlert(&alert));
    }

    fn tick(&mut self) {
        self.now = self.now.plus(STEP);
        let exposure = self.exposure.clone();
        self.step(Input::Tick(&exposure));
    }

    fn take(&mut self, effects: Vec<Effect>) {
        let at = self.now.since(START);
        for effect in effects {
            match effect {
                Effect::Show(showing) => {
                    let names = self.alerts_of(showing.id);
                    self.live.insert(showing.id);
                    self.names.insert(showing.id, names.clone());
                    if showing.sound {
                        self.transcript.fires(names, at);
                    }
                    self.step(Input::Act(Act::Delivered(showing.id)));
                }
                Effect::Withdraw(id) => {
                    self.live.remove(&id);
                }
                Effect::Changed(changed)
                    if changed.change == Change::Resolved && changed.view.incident.is_none() =>
                {
                    let names = self.names.remove(&changed.view.id);
                    self.transcript.is_over(names.unwrap_or_default(), at);
                }
                _ => {}
            }
        }
    }

    /// The alerts that a notification is about.
    fn alerts_of(&self, id: NotificationId) -> BTreeSet<String> {
        if id == NotificationId::SUMMARY {
            return BTreeSet::from(["summary".to_owned()]);
        }
        let about = |one: &&domain::view::NotificationView| {
            (one.id == id || one.incident == Some(id)) && one.vault.is_some()
        };
        let named = self.engine.open().filter(about).filter_map(|one| {
            let vault = one.vault.as_ref()?;
            Some(format!("{vault} {}", one.severity.word().to_lowercase()))
        });
        let named: BTreeSet<_> = named.collect();
        if named.is_empty() { BTreeSet::from(["no data".to_owned()]) } else { named }
    }
}

impl Side for Here {
    const UNIT: Duration = Duration::from_secs(1);

    async fn fire(&mut self, alerts: &[Alert]) {
        for alert in alerts {
            match alert.severity {
                Severity::Critical => self.ltv(&alert.vault, "77"),
                Severity::High => self.platform_says(&alert.vault, "HIGH"),
            }
        }
    }

    async fn worsen(&mut self, alert: &Alert) {
        self.ltv(&alert.vault, "78.5"); // beyond the first step after critical: 5 % of room
    }

    async fn resolve(&mut self, alerts: &[Alert]) {
        for alert in alerts {
            assert_eq!(alert.severity, Severity::Critical, "only what values say ends here");
            self.ltv(&alert.vault, "50");
        }
    }

    async fn silence(&mut self, vault: &str, units: u32) -> Duration {
        let until = self.now.plus(Self::UNIT * units);
        let of_vault = self
            .engine
            .open()
            .filter(|one| one.vault.as_ref().is_some_and(|id| id.to_string() == vault));
        let ids = of_vault.map(|one| one.id).collect();
        self.step(Input::Act(Act::Snooze { ids, until }));
        until.since(START)
    }

    async fn until_told(&mut self, times: usize) {
        let end = self.now.plus(Self::UNIT * 10_000);
        while self.transcript.told.len() < times {
            assert!(self.now < end, "{times} notifications; there came {:?}", self.told());
            self.tick();
        }
    }

    async fn pass(&mut self, units: u32) {
        let end = self.now.plus(Self::UNIT * units);
        while self.now < end {
            self.tick();
        }
    }

    fn told(&self) -> Vec<Told> {
        self.transcript.told.clone()
    }
}

/// 120 WETH that owe USDC, at this LTV of 82.5 % at most.
fn position(id: VaultId, ltv: &str) -> Vault {
    let mut vault = Vault::unknown(id);
    let values = format!(
        r#"{{"chainId":1,"status":"ACTIVE","collateral":{{"token":"WETH","amount":"120","valueUSD":232320}},
        "debt":{{"token":"USDC","amount":"176500","valueUSD":176500}},"maxLTV":80,"liquidationThreshold":82.5,"ltv":{ltv}}}"#
    );
    vault.apply(serde_json::from_str(&values).unwrap());
    vault
}
