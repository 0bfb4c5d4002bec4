use domain::view::{NewProfile, ProfileAnswer, ProfileChange, ProfileKept, ProfileRemains};

use super::{Shell, answer, with};
use crate::backend::{Answer, Profiles};

impl Profiles for Shell {
    fn add_profile(&self, new: NewProfile) -> Answer<ProfileAnswer> {
        answer("add_profile", with("new", &new))
    }

    fn rename_profile(&self, from: String, to: String) -> Answer<ProfileAnswer> {
        answer("rename_profile", with("from", &from).with("to", &to))
    }

    fn change_profile(&self, name: String, change: ProfileChange) -> Answer<ProfileAnswer> {
        answer("change_profile", with("name", &name).with("change", &change))
    }

    fn remove_profile(&self, name: String, remains: ProfileRemains) -> Answer<ProfileAnswer> {
        answer("remove_profile", with("name", &name).with("remains", &remains))
    }

    fn profile_kept(&self, name: String) -> Answer<ProfileKept> {
        answer("profile_kept", with("name", &name))
    }
}
