//! Forty minutes of the demo market through the alert engine, played in no time.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::HashMap;

use alerts::{Before, Change, Effect, Engine, Exposure, Policy, Subject, Vaults};
use domain::payload::Payload;
use domain::{Level, UnixMillis, Vault, VaultId};
use gateway::market::Market;
use gateway::{DemoOptions, Scenario};
use wire::Frame;

#[derive(Default)]
struct Board(HashMap<VaultId, Vault>);

impl Vaults for Board {
    fn vault(&self, id: &VaultId) -> Option<&Vault> {
        self.0.get(id)
    }
}

/// Since when a vault has been well by its own figures while an alert about its solvency is open.
type Well = HashMap<VaultId, UnixMillis>;

fn play(scenario: Scenario) {
    let begin = UnixMillis(1_700_000_000_000);
    let options = DemoOptions { scenario, ..DemoOptions::default() };
    let mut market = Market::new(&options, begin);
    let mut engine = Engine::new(Policy::default());
    let mut board = Board::default();
    let (mut open, mut well) = (HashMap::<VaultId, Level>::new(), Well::new());
    // Most who are cured are left with so much room that the alert stays open, at a lower level.
    let mut eased = 0;
    for second in 0..40 * 60 {
        let now = UnixMillis(begin.0 + second * 1_000);
        let mut effects = Vec::new();
        for emission in market.advance(now) {
            let Frame::Single(message) = Frame::parse_text(emission.json).unwrap() else {
                panic!("a batch")
            };
            match Payload::of(&message).unwrap() {
                Payload::Vault(id, patch) => {
                    let vault =
                        board.0.entry(id.clone()).or_insert_with(|| Vault::unknown(id.clone()));
                    let before = Before::of(vault);
                    vault.apply(*patch);
                    let level = engine.vault_changed(&before, vault, now, &mut effects);
                    if level == Some(Level::Low) {
                        well.entry(id).or_insert(now);
                    } else {
                        well.remove(&id);
                    }
                }
                Payload::Alert(alert) => {
                    engine.platform_alert(&alert, &board, now, &mut effects);
                }
                _ => {}
            }
        }
        engine.tick(&board, &Exposure::default(), now, &mut effects);
        for effect in effects {
            let Effect::Changed(changed) = effect else { continue };
            if changed.condition.subject != Subject::Solvency {
                continue;
            }
            let (vault, severity) = (changed.view.vault.unwrap(), changed.view.severity);
            let over = changed.change == Change::Resolved;
            let before = match over {
                true => open.remove(&vault),
                false => open.insert(vault, severity),
            };
            eased += usize::from(over || before.is_some_and(|before| before > severity));
        }
        // Two points more room than a level is entered with, for two minutes, end an alert; a vault that comes back
        // slowly crosses those two points within some minutes more.
        for (vault, level) in &open {
            let Some(since) = well.get(vault) else { continue };
            let minutes = now.since(*since).as_secs() / 60;
            let ended = *level < Level::High || minutes < 5;
            assert!(ended, "{vault} has been well for {minutes} min and is still told as {level}");
        }
    }
    assert!(eased > 0, "nobody was cured: {scenario}");
}

#[test]
fn a_vault_that_is_well_again_is_not_told_as_critical_for_long() {
    for scenario in Scenario::ALL {
        play(scenario);
    }
}
