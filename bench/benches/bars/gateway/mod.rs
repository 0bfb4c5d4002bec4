//! The gateway as it is shipped, on a core of its own. Who publishes, watches and measures is on the other one, and so are
//! the NATS servers.

pub(crate) mod failover;
pub(crate) mod fan_out;
pub(crate) mod idle;
pub(crate) mod publish;
pub(crate) mod resume;

mod crowd;
mod nats;
mod post;
mod server;

/// A message of a vault as a publisher sends it, about 200 bytes.
fn update(number: usize, vaults: usize, id: &str) -> String {
    let vault = number % vaults;
    format!(
        r#"{{"type":"vault_update_V-{vault:06}","data":{{"ltv":{}.{:02},"healthFactor":1.{:04},"status":"ACTIVE","collateral":{{"token":"WETH","amount":"12.{:04}"}}}},"timestamp":{},"id":"{id}"}}"#,
        50 + number % 40,
        number % 100,
        number % 10_000,
        number % 10_000,
        1_763_800_000_000_u64 + number as u64,
    )
}
