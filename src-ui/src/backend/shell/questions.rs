use domain::ChainId;
use domain::view::{
    CheckEnd, CheckLine, ConfigAnswer, ConfigChange, ConfigView, ConnectionEvent, KeyAct,
    KeysAnswer, KeysView, PriceTrend, Shock, SystemView, VaultRow, WhatIfView,
};
use serde_json::json;
use smol_str::SmolStr;

use super::{Shell, answer, open_channel};
use crate::backend::{Address, Answer, Questions};

impl Questions for Shell {
    fn what_if(&self, shocks: Vec<Shock>) -> Answer<WhatIfView> {
        answer("what_if", json!({ "shocks": shocks }))
    }

    fn find_vaults(&self, text: String, most: usize) -> Answer<Vec<VaultRow>> {
        answer("find_vaults", json!({ "text": text, "most": most }))
    }

    fn price_trends(&self, chain: ChainId, tokens: Vec<SmolStr>) -> Answer<Vec<PriceTrend>> {
        answer("price_trends", json!({ "chain": chain, "tokens": tokens }))
    }

    fn system(&self) -> Answer<SystemView> {
        answer("system", json!({}))
    }

    fn connection_events(&self) -> Answer<Vec<ConnectionEvent>> {
        answer("connection_events", json!({}))
    }

    fn check_address(&self, address: Address, told: Box<dyn Fn(CheckLine)>) -> Answer<CheckEnd> {
        let channel = open_channel(told);
        answer("check_address", json!({ "address": address, "channel": channel }))
    }

    fn config(&self) -> Answer<ConfigView> {
        answer("config", json!({}))
    }

    fn change_config(&self, change: ConfigChange) -> Answer<ConfigAnswer> {
        answer("change_config", json!({ "change": change }))
    }

    fn undo_config(&self) -> Answer<ConfigView> {
        answer("undo_config", json!({}))
    }

    fn set_token(&self, token: String) -> Answer<()> {
        answer("set_token", json!({ "token": token }))
    }

    fn keys(&self) -> Answer<KeysView> {
        answer("keys", json!({}))
    }

    fn import_key(&self, kid: String, key: String) -> Answer<KeysAnswer> {
        answer("import_key", json!({ "kid": kid, "key": key }))
    }

    fn change_key(&self, kid: String, act: KeyAct) -> Answer<KeysView> {
        answer("change_key", json!({ "kid": kid, "act": act }))
    }
}
