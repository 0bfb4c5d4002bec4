//! Where a chain's own explorer shows an address.

use crate::units::{ChainId, VaultId};

/// The page of a vault whose id is an address, on a chain that has a known explorer.
///
/// Made of the address's digits and a fixed host, so whatever a feed calls its vaults, no other place can be meant.
#[must_use]
pub fn address_page(vault: &VaultId, chain: ChainId) -> Option<String> {
    let address = vault.as_str().strip_prefix("0x")?;
    if address.len() != 40 || !address.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let host = match chain.0 {
        1 => "etherscan.io",
        10 => "optimistic.etherscan.io",
        56 => "bscscan.com",
        100 => "gnosisscan.io",
        137 => "polygonscan.com",
        8_453 => "basescan.org",
        42_161 => "arbiscan.io",
        43_114 => "snowtrace.io",
        59_144 => "lineascan.build",
        534_352 => "scrollscan.com",
        _ => return None,
    };
    Some(format!("https://{host}/address/0x{address}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_address_on_a_known_chain_has_a_page() {
        let page = |vault: &str, chain| address_page(&VaultId::new(vault).unwrap(), ChainId(chain));
        let address = "0x00000000000000000000000000000000DeaDBeef";
        let link = page(address, 42_161).unwrap();
        assert_eq!(link, format!("https://arbiscan.io/address/{address}"));
        assert_eq!(page("ETH-017", 1), None);
        assert_eq!(page(address, 99), None);
        assert_eq!(page(&address.replace('D', "?"), 1), None);
        assert_eq!(page(&format!("{address}00"), 1), None);
    }
}
