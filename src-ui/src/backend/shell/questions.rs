use domain::ChainId;
use domain::view::{
    CheckEnd, CheckLine, ConfigAnswer, ConfigChange, ConfigView, ConnectionEvent, KeyAct,
    KeysAnswer, KeysView, PriceTrend, Shock, SystemView, VaultRow, WhatIfView,
};
use smol_str::SmolStr;

use super::{Shell, answer, none, open_channel, with};
use crate::backend::{Address, Answer, Questions};

impl Questions for Shell {
    fn what_if(&self, shocks: Vec<Shock>) -> Answer<WhatIfView> {
        answer("what_if", with("shocks", &shocks))
    }

    fn find_vaults(&self, text: String, most: usize) -> Answer<Vec<VaultRow>> {
        answer("find_vaults", with("text", &text).with("most", &most))
    }

    fn price_trends(&self, chain: ChainId, tokens: Vec<SmolStr>) -> Answer<Vec<PriceTrend>> {
        answer("price_trends", with("chain", &chain).with("tokens", &tokens))
    }

    fn system(&self) -> Answer<SystemView> {
        answer("system", none())
    }

    fn connection_events(&self) -> Answer<Vec<ConnectionEvent>> {
        answer("connection_events", none())
    }

    fn check_address(&self, address: Address, told: Box<dyn Fn(CheckLine)>) -> Answer<CheckEnd> {
        let channel = open_channel(told);
        answer("check_address", with("address", &address).with("channel", &channel))
    }

    fn config(&self) -> Answer<ConfigView> {
        answer("config", none())
    }

    fn change_config(&self, change: ConfigChange) -> Answer<ConfigAnswer> {
        answer("change_config", with("change", &change))
    }

    fn undo_config(&self) -> Answer<ConfigView> {
        answer("undo_config", none())
    }

    fn set_token(&self, token: String) -> Answer<()> {
        answer("set_token", with("token", &token))
    }

    fn keys(&self) -> Answer<KeysView> {
        answer("keys", none())
    }

    fn import_key(&self, kid: String, key: String) -> Answer<KeysAnswer> {
        answer("import_key", with("kid", &kid).with("key", &key))
    }

    fn change_key(&self, kid: String, act: KeyAct) -> Answer<KeysView> {
        answer("change_key", with("kid", &kid).with("act", &act))
    }
}
