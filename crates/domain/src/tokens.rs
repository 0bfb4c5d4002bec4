//! Asset families: tokens whose prices move together.

/// Assets that follow one price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    Ether,
    Bitcoin,
    Dollar,
    Euro,
}

/// The family of a token by its symbol, in any case; `None` for a token that stands alone.
#[must_use]
pub fn family(symbol: &str) -> Option<Family> {
    const FAMILIES: [(Family, &[&str]); 4] = [
        (
            Family::Ether,
            &[
                "ETH", "WETH", "STETH", "WSTETH", "RETH", "CBETH", "WEETH", "EZETH", "OSETH",
                "RSETH", "ETHX",
            ],
        ),
        (Family::Bitcoin, &["BTC", "WBTC", "CBBTC", "TBTC", "LBTC", "BTCB"]),
        (
            Family::Dollar,
            &[
                "USDC", "USDT", "DAI", "SDAI", "USDS", "SUSDS", "GHO", "LUSD", "FRAX", "PYUSD",
                "CRVUSD", "USDE", "SUSDE", "USDC.E", "USDBC",
            ],
        ),
        (Family::Euro, &["EURC", "EURS", "AGEUR", "EURA"]),
    ];
    FAMILIES
        .iter()
        .find(|(_, symbols)| symbols.iter().any(|s| s.eq_ignore_ascii_case(symbol)))
        .map(|(family, _)| *family)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families() {
        assert_eq!(family("wstETH"), Some(Family::Ether));
        assert_eq!(family("usdc"), Some(Family::Dollar));
        assert_eq!(family("ARB"), None);
    }
}
