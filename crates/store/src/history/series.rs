use std::fmt;
use std::str::FromStr;

use domain::{ChainId, VaultId};
use smol_str::SmolStr;

/// What figures are kept of.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum SeriesKey {
    Vault(VaultId),
    /// A token's price in the market of one chain.
    Price {
        chain: ChainId,
        token: SmolStr,
    },
}

/// `vault ETH-001`, `price 1 WETH`: how it is stored.
impl fmt::Display for SeriesKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Vault(id) => write!(f, "vault {id}"),
            Self::Price { chain, token } => write!(f, "price {} {token}", chain.0),
        }
    }
}

/// The text names no series.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no series")]
pub struct ParseSeriesKeyError(String);

impl FromStr for SeriesKey {
    type Err = ParseSeriesKeyError;

    fn from_str(text: &str) -> Result<Self, ParseSeriesKeyError> {
        let parse = || {
            let (kind, rest) = text.split_once(' ')?;
            match kind {
                "vault" => VaultId::new(rest).ok().map(Self::Vault),
                "price" => {
                    let (chain, token) = rest.split_once(' ')?;
                    let chain = ChainId(chain.parse().ok()?);
                    Some(Self::Price { chain, token: token.into() })
                }
                _ => None,
            }
        };
        parse().ok_or_else(|| ParseSeriesKeyError(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_back_as_it_was_stored() {
        let keys = [
            SeriesKey::Vault(VaultId::new("a vault").unwrap()),
            SeriesKey::Price { chain: ChainId(1), token: "stETH v2".into() },
        ];
        for key in keys {
            assert_eq!(key.to_string().parse(), Ok(key));
        }
        assert!("price WETH".parse::<SeriesKey>().is_err());
    }
}
