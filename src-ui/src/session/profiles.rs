//! What somebody changes about the profiles. The list itself comes by events.

use domain::view::{NewProfile, ProfileAnswer, ProfileChange, ProfileKept, ProfileRemains};

use super::Session;
use crate::backend::Answer;
#[cfg(not(feature = "recorded"))]
use crate::backend::Profiles as _;

impl Session {
    pub(crate) fn add_profile(&self, new: NewProfile) -> Answer<ProfileAnswer> {
        self.own.backend.add_profile(new)
    }

    pub(crate) fn rename_profile(&self, from: &str, to: &str) -> Answer<ProfileAnswer> {
        self.own.backend.rename_profile(from.to_owned(), to.to_owned())
    }

    pub(crate) fn change_profile(
        &self,
        name: &str,
        change: ProfileChange,
    ) -> Answer<ProfileAnswer> {
        self.own.backend.change_profile(name.to_owned(), change)
    }

    pub(crate) fn remove_profile(
        &self,
        name: &str,
        remains: ProfileRemains,
    ) -> Answer<ProfileAnswer> {
        self.own.backend.remove_profile(name.to_owned(), remains)
    }

    pub(crate) fn profile_kept(&self, name: &str) -> Answer<ProfileKept> {
        self.own.backend.profile_kept(name.to_owned())
    }
}
