//! What pages ask the backend that changes nothing in the window's own state.

use domain::ChainId;
use domain::view::{
    CheckEnd, CheckLine, ConfigAnswer, ConfigChange, ConnectionEvent, KeyAct, KeysAnswer, KeysView,
    PriceTrend, Shock, SystemView, VaultRow, WhatIfView,
};
use smol_str::SmolStr;
use wasm_bindgen_futures::spawn_local;

use super::Session;
#[cfg(not(feature = "recorded"))]
use crate::backend::Questions as _;
use crate::backend::{Address, Answer, BackendError};
use crate::clock;
use crate::live::{Done, Undo};

impl Session {
    pub(crate) fn what_if(&self, shocks: Vec<Shock>) -> Answer<WhatIfView> {
        self.own.backend.what_if(shocks)
    }

    pub(crate) fn find_vaults(&self, text: String, most: usize) -> Answer<Vec<VaultRow>> {
        self.own.backend.find_vaults(text, most)
    }

    pub(crate) fn price_trends(
        &self,
        chain: ChainId,
        tokens: Vec<SmolStr>,
    ) -> Answer<Vec<PriceTrend>> {
        self.own.backend.price_trends(chain, tokens)
    }

    pub(crate) fn system(&self) -> Answer<SystemView> {
        self.own.backend.system()
    }

    pub(crate) fn connection_events(&self) -> Answer<Vec<ConnectionEvent>> {
        self.own.backend.connection_events()
    }

    pub(crate) fn check_address(
        &self,
        address: Address,
        told: Box<dyn Fn(CheckLine)>,
    ) -> Answer<CheckEnd> {
        self.own.backend.check_address(address, told)
    }

    pub(crate) fn set_token(&self, token: String) -> Answer<()> {
        self.own.backend.set_token(token)
    }

    pub(crate) fn keys(&self) -> Answer<KeysView> {
        self.own.backend.keys()
    }

    pub(crate) fn import_key(&self, kid: String, key: String) -> Answer<KeysAnswer> {
        self.own.backend.import_key(kid, key)
    }

    pub(crate) fn change_key(&self, kid: String, act: KeyAct) -> Answer<KeysView> {
        self.own.backend.change_key(kid, act)
    }

    /// Reads what the settings' file says: somebody else may have changed it.
    pub(crate) fn load_config(&self) {
        let (live, answer) = (self.live.clone(), self.own.backend.config());
        spawn_local(async move {
            match answer.await {
                Ok(config) => live.set_config(Ok(config)),
                Err(error) => live.set_config(Err(error.in_words())),
            }
        });
    }

    /// Changes one key of it. What was done, in words, can be taken back for a while.
    pub(crate) async fn change_config(
        &self,
        key: String,
        text: Option<String>,
        done: String,
    ) -> Result<ConfigAnswer, BackendError> {
        let revision = self.live.read(|state| match &state.config {
            Some(Ok(config)) => config.revision.clone(),
            _ => String::new(),
        });
        let answer = self.own.backend.change_config(ConfigChange { revision, key, text }).await?;
        match &answer {
            ConfigAnswer::Saved(config) => {
                self.live.set_config(Ok(config.clone()));
                let undo = Undo::new(Done::Config(done), Vec::new(), clock::now());
                self.live.offer_undo(Some(undo));
            }
            ConfigAnswer::Outdated(config) => self.live.set_config(Ok(config.clone())),
            ConfigAnswer::Faulty(_) => {}
        }
        Ok(answer)
    }

    pub(super) fn undo_config(&self) {
        let (live, answer) = (self.live.clone(), self.own.backend.undo_config());
        spawn_local(async move {
            match answer.await {
                Ok(config) => live.set_config(Ok(config)),
                Err(error) => live.set_config(Err(error.in_words())),
            }
        });
    }
}
