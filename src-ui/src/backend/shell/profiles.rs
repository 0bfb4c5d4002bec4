use domain::view::{NewProfile, ProfileAnswer, ProfileChange, ProfileKept, ProfileRemains};
use serde_json::json;

use super::{Shell, answer};
use crate::backend::{Answer, Profiles};

impl Profiles for Shell {
    fn add_profile(&self, new: NewProfile) -> Answer<ProfileAnswer> {
        answer("add_profile", json!({ "new": new }))
    }

    fn rename_profile(&self, from: String, to: String) -> Answer<ProfileAnswer> {
        answer("rename_profile", json!({ "from": from, "to": to }))
    }

    fn change_profile(&self, name: String, change: ProfileChange) -> Answer<ProfileAnswer> {
        answer("change_profile", json!({ "name": name, "change": change }))
    }

    fn remove_profile(&self, name: String, remains: ProfileRemains) -> Answer<ProfileAnswer> {
        answer("remove_profile", json!({ "name": name, "remains": remains }))
    }

    fn profile_kept(&self, name: String) -> Answer<ProfileKept> {
        answer("profile_kept", json!({ "name": name }))
    }
}
