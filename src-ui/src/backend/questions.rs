use domain::ChainId;
use domain::view::{
    CheckEnd, CheckLine, ConfigAnswer, ConfigChange, ConfigView, ConnectionEvent, KeyAct,
    KeysAnswer, KeysView, PriceTrend, Shock, SystemView, VaultRow, WhatIfView,
};
use smol_str::SmolStr;

use super::Answer;

/// What pages ask beside what they show all the time.
pub(crate) trait Questions {
    /// What a move of prices would do to all vaults.
    fn what_if(&self, shocks: Vec<Shock>) -> Answer<WhatIfView>;
    /// The vaults that somebody may mean by a few letters, the likeliest first.
    fn find_vaults(&self, text: String, most: usize) -> Answer<Vec<VaultRow>>;
    /// How a chain's prices went over the last day.
    fn price_trends(&self, chain: ChainId, tokens: Vec<SmolStr>) -> Answer<Vec<PriceTrend>>;
    /// The own connection in figures.
    fn system(&self) -> Answer<SystemView>;
    /// What happened to it last, the newest first.
    fn connection_events(&self) -> Answer<Vec<ConnectionEvent>>;
    /// Goes the way to an address, to its first message; each step is told as it is done.
    fn check_address(&self, address: Address, told: Box<dyn Fn(CheckLine)>) -> Answer<CheckEnd>;
    /// What the settings' file says.
    fn config(&self) -> Answer<ConfigView>;
    /// Changes one key of it.
    fn change_config(&self, change: ConfigChange) -> Answer<ConfigAnswer>;
    /// Takes the last of these changes back.
    fn undo_config(&self) -> Answer<ConfigView>;
    /// Keeps another access token for the profile that is shown.
    fn set_token(&self, token: String) -> Answer<()>;
    /// The encryption keys of the profile that is shown, without the keys themselves.
    fn keys(&self) -> Answer<KeysView>;
    /// Puts a key on its ring: its name, and what somebody handed on.
    fn import_key(&self, kid: String, key: String) -> Answer<KeysAnswer>;
    fn change_key(&self, kid: String, act: KeyAct) -> Answer<KeysView>;
}

/// An address that is to be tried before anything is kept of it.
#[derive(Clone, PartialEq, serde::Serialize)]
pub(crate) struct Address {
    pub(crate) url: String,
    pub(crate) token: Option<String>,
    /// Of this vault alone.
    pub(crate) vault: Option<String>,
}
