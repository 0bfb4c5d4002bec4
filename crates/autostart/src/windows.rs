use std::path::Path;

use crate::{AutostartError, How, Launch, Status};

/// Windows has a folder for it, which people fill by hand: nothing is offered here.
#[derive(Clone, Debug)]
pub struct Autostart;

impl Autostart {
    /// # Errors
    /// [`AutostartError::ByHand`], always.
    pub fn of_user() -> Result<Self, AutostartError> {
        Err(AutostartError::ByHand)
    }

    /// # Errors
    /// [`AutostartError::ByHand`], always.
    pub fn on(&self, _how: Option<How>, _launch: &Launch) -> Result<How, AutostartError> {
        Err(AutostartError::ByHand)
    }

    /// # Errors
    /// [`AutostartError::ByHand`], always.
    pub fn off(&self) -> Result<(), AutostartError> {
        Err(AutostartError::ByHand)
    }

    /// # Errors
    /// [`AutostartError::ByHand`], always.
    pub fn status(&self, _here: Option<&Path>) -> Result<Status, AutostartError> {
        Err(AutostartError::ByHand)
    }
}
