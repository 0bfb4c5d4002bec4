//! What pages ask beside what they show all the time.

use domain::ChainId;
use domain::view::{
    CheckEnd, CheckLine, ConnectionEvent, PriceTrend, Shock, SystemView, VaultRow, WhatIfView,
};
use monitor::check::{Check, Report};
use serde::Deserialize;
use tauri::ipc::Channel;

use super::here::Here;

const QUITTING: &str = "VaultWatch is quitting";

/// What a move of prices would do to all vaults.
#[tauri::command]
pub(super) async fn what_if(here: Here, shocks: Vec<Shock>) -> Result<WhatIfView, String> {
    here.monitor.what_if(shocks).await.ok_or_else(|| QUITTING.to_owned())
}

/// The vaults that somebody may mean by a few letters.
#[tauri::command]
pub(super) async fn find_vaults(
    here: Here,
    text: String,
    most: usize,
) -> Result<Vec<VaultRow>, String> {
    Ok(here.monitor.find_vaults(text, most).await)
}

/// How a chain's prices went over the last day.
#[tauri::command]
pub(super) async fn price_trends(
    here: Here,
    chain: ChainId,
    tokens: Vec<String>,
) -> Result<Vec<PriceTrend>, String> {
    let tokens = tokens.into_iter().map(Into::into).collect();
    here.monitor.price_trends(chain, tokens).await.map_err(|error| error.to_string())
}

/// The own connection in figures.
#[tauri::command]
pub(super) async fn system(here: Here) -> Result<SystemView, String> {
    here.monitor.system().await.ok_or_else(|| QUITTING.to_owned())
}

/// What happened to it last.
#[tauri::command]
pub(super) async fn connection_events(here: Here) -> Result<Vec<ConnectionEvent>, String> {
    Ok(here.monitor.connection_events().await)
}

/// An address that somebody wants to try before anything is kept of it. Never shown: there may be a token in it.
#[derive(Deserialize)]
pub(super) struct Address {
    url: String,
    token: Option<String>,
    /// Of this vault alone.
    vault: Option<String>,
}

impl From<Address> for Check {
    fn from(address: Address) -> Self {
        let mut connection = realtime::Options::new(address.url.trim());
        let token = address.token.filter(|token| !token.trim().is_empty());
        connection.token = token.map(|token| realtime::Secret::new(token.trim()));
        connection.topics =
            address.vault.map(|vault| monitor::topics_of(&vault)).unwrap_or_default();
        Self { connection, ..Self::default() }
    }
}

/// The page, which shows each step as it is done.
struct Shown(Channel<CheckLine>);

impl Report for Shown {
    fn line(&self, line: CheckLine) {
        if let Err(error) = self.0.send(line) {
            // It has gone to another page; the check ends by itself.
            tracing::debug!(%error, "a step of a check found no page");
        }
    }
}

/// Goes the way to an address, to its first message, by the code of `vaultwatchctl check`.
#[tauri::command]
pub(super) async fn check_address(
    channel: Channel<CheckLine>,
    address: Address,
) -> Result<CheckEnd, String> {
    let arrived = Check::from(address).run(&Shown(channel)).await;
    Ok(CheckEnd { ok: arrived.is_some(), first: arrived.and_then(|arrived| arrived.first) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_tried_as_it_would_be_watched() {
        let of =
            |json: &str| Check::from(serde_json::from_str::<Address>(json).unwrap()).connection;
        let all = of(r#"{"url":" wss://feed.example/ws ","token":" ","vault":null}"#);
        assert_eq!(all.endpoints, ["wss://feed.example/ws"]);
        assert!(all.token.is_none() && all.topics.is_empty());
        let one = of(r#"{"url":"wss://feed.example/ws","token":" hush ","vault":"0xAb"}"#);
        assert_eq!(one.token.unwrap().expose(), "hush");
        assert!(one.topics.iter().any(|topic| topic.matches("vault_update_0xAb")));
        assert!(!one.topics.iter().any(|topic| topic.matches("vault_update_0xAc")));
    }
}
