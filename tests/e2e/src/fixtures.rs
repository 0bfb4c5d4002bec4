//! The vaults the tests tell about.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::{SystemTime, UNIX_EPOCH},
};

use serde_json::value::RawValue;
use wire::{Message, UnixMillis};

/// A vault as it goes over the wire. Figures are texts, so that their digits are sent as they stand here.
#[derive(Clone, Debug)]
pub struct Vault {
    pub id: String,
    /// The collateral: token, amount, value in USD.
    pub collateral: (&'static str, &'static str, &'static str),
    /// The debt: token, amount, value in USD.
    pub debt: (&'static str, &'static str, &'static str),
    pub ltv: &'static str,
    pub health_factor: &'static str,
}

impl Vault {
    /// ETH-017 with WETH at $1,971.63: 9.5 % away from liquidation.
    #[must_use]
    pub fn eth_017_high() -> Self {
        Self {
            id: "ETH-017".into(),
            collateral: ("WETH", "120", "236595"),
            debt: ("USDC", "176500", "176500"),
            ltv: "74.6",
            health_factor: "1.106",
        }
    }

    /// ETH-017 with WETH at $1,936: 7.9 % away from liquidation.
    #[must_use]
    pub fn eth_017_critical() -> Self {
        Self {
            collateral: ("WETH", "120", "232320"),
            ltv: "75.97",
            health_factor: "1.086",
            ..Self::eth_017_high()
        }
    }

    /// The same a little later, still at the same level of the ladder.
    #[must_use]
    pub fn eth_017_still_critical() -> Self {
        Self {
            collateral: ("WETH", "120", "231600"),
            ltv: "76.21",
            health_factor: "1.083",
            ..Self::eth_017_high()
        }
    }

    /// The same at the next step of the ladder: 3 % left.
    #[must_use]
    pub fn eth_017_worse() -> Self {
        Self {
            collateral: ("WETH", "120", "220560"),
            ltv: "80.02",
            health_factor: "1.031",
            ..Self::eth_017_high()
        }
    }

    /// A vault far from trouble.
    #[must_use]
    pub fn calm(id: &str) -> Self {
        Self {
            id: id.into(),
            collateral: ("WETH", "100", "200000"),
            debt: ("USDC", "80000", "80000"),
            ltv: "40",
            health_factor: "2.0625",
        }
    }

    /// A vault in trouble from the first time it is heard of.
    #[must_use]
    pub fn critical(id: &str) -> Self {
        Self { id: id.into(), ..Self::eth_017_critical() }
    }

    #[must_use]
    pub fn with_ltv(self, ltv: &'static str) -> Self {
        Self { ltv, ..self }
    }

    /// The `vault_update_…` about it.
    #[must_use]
    pub fn envelope(&self) -> String {
        let amount = |(token, amount, usd): (&str, &str, &str)| {
            format!(r#"{{"token":"{token}","amount":"{amount}","valueUSD":{usd}}}"#)
        };
        let data = format!(
            r#"{{"id":"{}","chainId":1,"status":"ACTIVE","collateral":{},"debt":{},"ltv":{},"maxLTV":80,"liquidationThreshold":82.5,"healthFactor":{}}}"#,
            self.id,
            amount(self.collateral),
            amount(self.debt),
            self.ltv,
            self.health_factor
        );
        envelope(&format!("vault_update_{}", self.id), &data)
    }
}

/// An envelope of now around `data`, which is JSON.
#[must_use]
pub fn envelope(ty: &str, data: &str) -> String {
    let data: &RawValue = serde_json::from_str(data).expect("a fixture is JSON");
    let message = Message::new(ty, &data, now(), None).expect("a fixture is valid");
    message.to_json()
}

/// The present, later by a millisecond at least than it was at the last call, so that no message looks late.
fn now() -> UnixMillis {
    static LAST: AtomicI64 = AtomicI64::new(0);
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is after 1970");
    let present = i64::try_from(since.as_millis()).expect("it is before the year 292,000,000");
    let last = LAST.fetch_max(present, Ordering::Relaxed);
    if last < present {
        return UnixMillis(present);
    }
    UnixMillis(LAST.fetch_add(1, Ordering::Relaxed) + 1)
}
