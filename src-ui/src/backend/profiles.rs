use domain::view::{NewProfile, ProfileAnswer, ProfileChange, ProfileKept, ProfileRemains};

use super::Answer;

/// What somebody changes about the profiles. What became of it is shown by the events that follow.
pub(crate) trait Profiles {
    /// Begins to watch it at once, and shows it.
    fn add_profile(&self, new: NewProfile) -> Answer<ProfileAnswer>;
    /// With everything that is kept of it.
    fn rename_profile(&self, from: String, to: String) -> Answer<ProfileAnswer>;
    fn change_profile(&self, name: String, change: ProfileChange) -> Answer<ProfileAnswer>;
    fn remove_profile(&self, name: String, remains: ProfileRemains) -> Answer<ProfileAnswer>;
    /// What its removal would delete.
    fn profile_kept(&self, name: String) -> Answer<ProfileKept>;
}
