//! What can be done with one vault without leaving the table.

use std::rc::Rc;

use domain::view::{Target, VaultRow};
use domain::{ChainId, VaultId};
use yew::prelude::*;

use crate::clipboard;
use crate::design::{Choice, ChoiceKind, MenuList, Place, choices};
use crate::live::{Snooze, table_csv};
use crate::session::use_session;
use crate::shell::route;

#[derive(PartialEq, Properties)]
pub(super) struct RowMenuProps {
    pub(super) id: VaultId,
    pub(super) place: Place,
    pub(super) on_close: Callback<()>,
}

#[component]
pub(super) fn RowMenu(props: &RowMenuProps) -> Html {
    let session = use_session();
    let id = props.id.clone();
    let list = {
        let id = id.clone();
        choices(move || {
            let row = session.live.read(|state| Some(Rc::clone(&state.board.vault(&id)?.row)));
            let firing = session.live.read(|state| state.inbox.firing_for(&id));
            let if_firing = |choice: Choice| {
                if firing.is_none() {
                    choice.kind(ChoiceKind::Disabled).note("no alert waits")
                } else {
                    choice
                }
            };
            let ids: Vec<_> = firing.into_iter().collect();
            let open = Target::Vault(id.clone());
            let mut list = vec![
                Choice::new("Open", move || route::open(&open)).test_id("menu-open"),
                if_firing(
                    Choice::new("Acknowledge", {
                        let (session, ids) = (session.clone(), ids.clone());
                        move || session.acknowledge(&ids)
                    })
                    .test_id("menu-ack"),
                ),
                if_firing(
                    Choice::new("Snooze 10 minutes", {
                        let session = session.clone();
                        move || session.snooze(&ids, Snooze::TenMinutes)
                    })
                    .test_id("menu-snooze"),
                ),
                Choice::new("Copy id", {
                    let id = id.clone();
                    move || clipboard::copy(id.as_str())
                })
                .test_id("menu-copy-id"),
            ];
            if let Some(row) = row {
                if let Some(link) = explorer(&row) {
                    list.push(Choice::new("Copy explorer link", move || clipboard::copy(&link)));
                }
                let copy = move || clipboard::copy(&table_csv(std::iter::once(&*row)));
                list.push(Choice::new("Copy row as CSV", copy).test_id("menu-copy-row"));
            }
            list
        })
    };
    html! { <MenuList label={format!("Vault {id}")} place={props.place} choices={list} on_close={props.on_close.clone()} /> }
}

/// Where the chain's own explorer shows a vault whose id is an address.
fn explorer(row: &VaultRow) -> Option<String> {
    let address = row.id.as_str().strip_prefix("0x")?;
    if address.len() != 40 || !address.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let host = match row.chain_id? {
        ChainId(1) => "etherscan.io",
        ChainId(10) => "optimistic.etherscan.io",
        ChainId(137) => "polygonscan.com",
        ChainId(8_453) => "basescan.org",
        ChainId(42_161) => "arbiscan.io",
        _ => return None,
    };
    Some(format!("https://{host}/address/0x{address}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::fixture::row;

    #[test]
    fn only_an_address_on_a_known_chain_has_a_link() {
        let address = "0x00000000000000000000000000000000DeaDBeef";
        let link = explorer(&row(address).chain(42_161).0).unwrap();
        assert_eq!(link, format!("https://arbiscan.io/address/{address}"));
        assert_eq!(explorer(&row("ETH-017").chain(1).0), None);
        assert_eq!(explorer(&row(address).chain(99).0), None);
        assert_eq!(explorer(&row(&address.replace('D', "?")).chain(1).0), None);
    }
}
