//! What a change of the profiles would lead to, found out before anything is written.

use std::io;

use domain::view::{ProfileFault, ProfileField};

use super::edit::profiles::{ProfileEdit, edit_profiles};
use super::replace::replace;
use super::{ConfigError, ConfigText, Configured, FeedArgs, Places, Wanted, check_name, text};

/// A change that can be written.
#[derive(Debug)]
pub struct Prepared {
    pub text: ConfigText,
    /// What would be configured by it.
    pub configured: Configured,
    /// By which that was read: a profile that they name may be called otherwise.
    pub args: FeedArgs,
}

/// Makes a change in the file as it is now, without writing it. Reads a file.
///
/// # Errors
/// What is wrong with the change, or with the file.
pub fn prepare(
    args: &FeedArgs,
    places: &Places,
    edit: &ProfileEdit,
) -> Result<Prepared, ProfileFault> {
    let before = text(&places.config).map_err(|error| general(args, places, "", &error))?;
    let before = before.unwrap_or_default();
    // What is wrong already must be mended where it was written.
    let found = args.resolve_all_text(places, &before.clone().into());
    let found = found.map_err(|error| general(args, places, &before, &error))?;
    refuse_names(edit, &found)?;
    let after = edit_profiles(&before, edit)
        .map_err(|error| ProfileFault::general(error.message().to_owned()))?
        .ok_or_else(|| ProfileFault::general("what was to be changed is not there any more"))?;
    let after = ConfigText::from(after);
    let args = renamed(args, edit);
    let configured = args.resolve_all_text(places, &after);
    let configured = configured.map_err(|e| general(&args, places, after.as_str(), &e))?;
    if let Some(fault) = fault_of(edit, &configured) {
        return Err(fault);
    }
    Ok(Prepared { text: after, configured, args })
}

impl Prepared {
    /// Puts it in place of the file.
    ///
    /// # Errors
    /// What the operating system says. Then the file is as it was.
    pub fn write(&self) -> io::Result<()> {
        replace(&self.configured.places.config, self.text.as_str())
    }
}

fn refuse_names(edit: &ProfileEdit, found: &Configured) -> Result<(), ProfileFault> {
    let (ProfileEdit::Add { name: new, .. } | ProfileEdit::Rename { to: new, .. }) = edit else {
        return Ok(());
    };
    if let Err(error) = check_name(new) {
        return Err(ProfileFault::of(ProfileField::Name, error.to_string()));
    }
    match found.get(new) {
        Some(_) => Err(ProfileFault::of(ProfileField::Name, "is that of another profile")),
        None => Ok(()),
    }
}

/// What is wrong with a new profile's address.
fn fault_of(edit: &ProfileEdit, configured: &Configured) -> Option<ProfileFault> {
    let ProfileEdit::Add { name, urls, .. } = edit else { return None };
    if urls.iter().all(|url| url.trim().is_empty()) {
        return Some(ProfileFault::of(ProfileField::Url, "is missing: ws://… or wss://…"));
    }
    match &configured.get(name)?.wanted {
        Wanted::Wrong(ConfigError::Connection { source, .. }) => {
            Some(ProfileFault::of(ProfileField::Url, source.fault.to_string()))
        }
        Wanted::Wrong(error) => Some(ProfileFault::general(error.to_string())),
        Wanted::Watched(_) | Wanted::Paused | Wanted::Left(_) => None,
    }
}

fn renamed(args: &FeedArgs, edit: &ProfileEdit) -> FeedArgs {
    match edit {
        ProfileEdit::Rename { from, to } if args.profile.as_ref() == Some(from) => {
            FeedArgs { profile: Some(to.clone()), ..args.clone() }
        }
        _ => args.clone(),
    }
}

fn general(args: &FeedArgs, places: &Places, text: &str, error: &ConfigError) -> ProfileFault {
    let reason = args.reason(places, text, error);
    ProfileFault::general(format!("config.toml has a mistake, which comes first: {reason}"))
}

#[cfg(test)]
mod tests {
    use domain::view::{Colour, ProfileChange};

    use super::*;
    use crate::config::KeptToken;

    const ACME: &str = "[profiles.acme]\nurl = \"wss://a.example\"\n";

    fn desk(config: &str) -> (tempfile::TempDir, FeedArgs) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("config.toml"), config).unwrap();
        let args = FeedArgs { data_dir: Some(folder.path().to_owned()), ..FeedArgs::default() };
        (folder, args)
    }

    fn add(name: &str, url: &str) -> ProfileEdit {
        ProfileEdit::Add {
            name: name.to_owned(),
            urls: vec![url.to_owned()],
            colour: Colour::Blue,
            token: KeptToken::Nowhere,
            topics: Vec::new(),
        }
    }

    #[test]
    fn a_change_that_makes_sense_is_written_as_a_whole() {
        let (folder, args) = desk(ACME);
        let places = args.places().unwrap();
        let prepared = prepare(&args, &places, &add("globex", "wss://g.example")).unwrap();
        let names: Vec<_> = prepared.configured.profiles.iter().map(|p| p.name()).collect();
        assert_eq!(names, ["acme", "globex"]);
        let file = || std::fs::read_to_string(folder.path().join("config.toml")).unwrap();
        assert_eq!(file(), ACME, "nothing is written yet");
        prepared.write().unwrap();
        assert!(file().starts_with(ACME) && file().contains("[profiles.globex]"));
    }

    #[test]
    fn what_makes_none_is_told_at_its_field() {
        let (_folder, args) = desk(ACME);
        let places = args.places().unwrap();
        let refused = |edit: &ProfileEdit| prepare(&args, &places, edit).unwrap_err();
        for (name, url, field) in [
            ("Acme Ltd", "wss://g.example", ProfileField::Name),
            ("demo", "wss://g.example", ProfileField::Name),
            ("acme", "wss://g.example", ProfileField::Name),
            ("globex", "htp://g.example", ProfileField::Url),
            ("globex", "ws://g.example", ProfileField::Url),
            ("globex", " ", ProfileField::Url),
        ] {
            let fault = refused(&add(name, url));
            assert_eq!(fault.field, Some(field), "{name} {url}: {fault:?}");
        }
        let rename = ProfileEdit::Rename { from: "acme".to_owned(), to: "a b".to_owned() };
        assert_eq!(refused(&rename).field, Some(ProfileField::Name));
        let nobody = ProfileEdit::Remove { name: "nobody".to_owned() };
        assert!(refused(&nobody).reason.contains("not there"));
    }

    #[test]
    fn a_file_with_a_mistake_is_not_made_worse() {
        let (_folder, args) =
            desk("[profiles.acme]\nurl = \"wss://a.example\"\nurll = \"wss://hush\"\n");
        let places = args.places().unwrap();
        let fault = prepare(&args, &places, &add("globex", "wss://g.example")).unwrap_err();
        assert!(fault.reason.contains("line 3") && !fault.reason.contains("hush"), "{fault:?}");
    }

    #[test]
    fn a_profile_that_the_start_named_keeps_its_meaning_under_its_new_name() {
        let (_folder, args) = desk(ACME);
        let args = FeedArgs { profile: Some("acme".into()), ..args };
        let places = args.places().unwrap();
        let rename = ProfileEdit::Rename { from: "acme".to_owned(), to: "beta".to_owned() };
        let prepared = prepare(&args, &places, &rename).unwrap();
        assert_eq!(prepared.args.profile.as_deref(), Some("beta"));
        assert!(prepared.configured.get("beta").unwrap().resolved().is_some());
        let pause = ProfileChange { paused: Some(true), ..ProfileChange::default() };
        let change = ProfileEdit::Change { name: "acme".to_owned(), change: pause };
        let prepared = prepare(&args, &places, &change).unwrap();
        assert!(prepared.configured.get("acme").unwrap().resolved().is_some(), "it was asked for");
    }
}
