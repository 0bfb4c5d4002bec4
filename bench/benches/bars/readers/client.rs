use foldhash::{HashMap, HashMapExt};

use anyhow::{Context, Result};
use bench::process::Process;
use domain::payload::Payload;
use domain::{Vault, VaultId};
use realtime::{Inbound, Options};
use serde_json::json;

use crate::runtime;

/// What a user of the library writes: all defaults, and the last value of each vault.
pub(super) fn run(url: &str, messages: u64) -> Result<()> {
    let report = runtime()?.block_on(read(url, messages))?;
    println!("{report}");
    Ok(())
}

async fn read(url: &str, messages: u64) -> Result<serde_json::Value> {
    let (handle, mut inbound) = realtime::open(Options::new(url).validate()?);
    handle.connect()?;
    let mut vaults: HashMap<VaultId, Vault> = HashMap::new();
    let (mut count, mut invalid) = (0, 0);
    while count < messages {
        let delivery = inbound.recv().await.context("the connection has ended")?;
        for inbound in delivery.messages {
            let Inbound::Message(message) = inbound else {
                invalid += u64::from(matches!(inbound, Inbound::Invalid(_)));
                continue;
            };
            count += 1;
            match Payload::of(&message) {
                Ok(Payload::Vault(id, patch)) => match vaults.get_mut(&id) {
                    Some(vault) => vault.apply(*patch),
                    None => {
                        let mut vault = Vault::unknown(id.clone());
                        vault.apply(*patch);
                        vaults.insert(id, vault);
                    }
                },
                Ok(_) => {}
                Err(_) => invalid += 1,
            }
        }
    }
    let metrics = handle.metrics();
    Ok(json!({
        "messages": count,
        "cpuSeconds": Process::own().cpu()?.as_secs_f64(),
        "vaults": vaults.len(),
        "invalid": invalid,
        "duplicates": metrics.duplicates,
        "gaps": metrics.gaps,
        "mode": metrics.mode,
        "counted": metrics.messages,
        "healthKnown": vaults.values().filter(|vault| vault.health_factor.is_some()).count(),
    }))
}
