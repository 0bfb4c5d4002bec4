//! What somebody changes in the window's settings: checked, written into the file, and put in force at once.

use domain::view::{
    Colour, NewProfile, ProfileAnswer, ProfileChange, ProfileFault, ProfileField, ProfileRemains,
    ProfileState,
};
use monitor::config::{KeptToken, Prepared, ProfileEdit, Written, prepare};
use monitor::{FeedToken, encryption, kept, topics_of};
use realtime::Secret;

use super::keeper::{Edit, Keeper};
use super::one::Screen;
use crate::bridge;
use crate::say::profiles as say;

type Done = Result<Option<String>, ProfileFault>;

impl Keeper {
    pub(super) async fn edit(&mut self, edit: Edit) -> ProfileAnswer {
        let pen = self.shared.pen.clone();
        // Nobody else may write between what is read here and what is written.
        let _pen = pen.hold().await;
        let done = match edit {
            Edit::Add(new) => self.add(new).await,
            Edit::Rename { from, to } => self.rename(&from, &to).await,
            Edit::Change { name, change } => self.change(name, change).await,
            Edit::Remove { name, remains } => self.remove(&name, remains).await,
        };
        match done {
            Ok(remark) => ProfileAnswer::Done(remark),
            Err(fault) => ProfileAnswer::Refused(fault),
        }
    }

    async fn add(&mut self, new: NewProfile) -> Done {
        let NewProfile { name, urls, token, colour, vault } = new;
        let urls: Vec<_> = urls.iter().map(|url| url.trim().to_owned()).collect();
        let urls: Vec<_> = urls.into_iter().filter(|url| !url.is_empty()).collect();
        let taken: Vec<_> = self.configured.profiles.iter().map(|one| one.colour).collect();
        let token = token.map(|token| token.trim().to_owned()).filter(|token| !token.is_empty());
        let edit = ProfileEdit::Add {
            name: name.clone(),
            urls,
            colour: colour.unwrap_or_else(|| match self.configured.is_demo() {
                true => Colour::at(0),
                false => Colour::free(&taken),
            }),
            token: if token.is_some() { KeptToken::Keychain } else { KeptToken::Nowhere },
            topics: vault
                .iter()
                .flat_map(|vault| topics_of(vault))
                .map(|topic| topic.to_string())
                .collect(),
        };
        let prepared = self.prepare(edit).await?;
        let in_keychain = FeedToken::of(&name);
        if let Some(token) = &token {
            let kept = in_keychain.keep(&Secret::new(token.clone())).await;
            kept.map_err(|error| {
                ProfileFault::of(ProfileField::Token, format!("cannot be kept: {error}"))
            })?;
        }
        if let Err(fault) = self.write(&prepared).await {
            if token.is_some() {
                let _ = in_keychain.forget().await;
            }
            return Err(fault);
        }
        self.take(prepared).await;
        let left = self.left(&name);
        if left.is_none() {
            self.watches.lineup().show(&name);
            self.watches.page_anew();
        }
        Ok(left)
    }

    async fn change(&mut self, name: String, change: ProfileChange) -> Done {
        let prepared = self.prepare(ProfileEdit::Change { name: name.clone(), change }).await?;
        self.write(&prepared).await?;
        self.take(prepared).await;
        let profile = self.configured.get(&name);
        let goes_on = profile.is_some_and(|profile| profile.resolved().is_some());
        Ok(match change.paused {
            Some(true) if goes_on => Some(say::until_end(self.watches.language(), &name)),
            Some(false) => self.left(&name),
            _ => None,
        })
    }

    async fn rename(&mut self, from: &str, to: &str) -> Done {
        let edit = ProfileEdit::Rename { from: from.to_owned(), to: to.to_owned() };
        let prepared = self.prepare(edit).await?;
        let data_dir = self.configured.places.data_dir.clone();
        self.nothing_waits(from).await?;
        let Some(profile) = self.configured.get(from) else {
            return Err(ProfileFault::general("there is no such profile any more"));
        };
        let (tenant, written) = (profile.tenant.clone(), profile.written);
        if let Some(encryption) = profile.encryption.clone() {
            let copied = encryption::copy_keys((from, to), &encryption).await;
            copied.map_err(|error| {
                ProfileFault::general(format!("its keys cannot be taken along: {error}"))
            })?;
        }
        if written == Written::WithTokenInKeychain {
            let copied = FeedToken::of(from).copy_to(to).await;
            copied.map_err(|error| {
                ProfileFault::of(ProfileField::Token, format!("cannot be taken along: {error}"))
            })?;
        }
        let ran = self.watches.watch(Some(from)).is_some();
        self.stop(from, Screen::Cleared).await;
        let moved = match kept::carry_position(&data_dir, (from, to), tenant.as_deref()).await {
            Ok(()) => {
                let (dir, old, new) = (data_dir.clone(), from.to_owned(), to.to_owned());
                off_thread(move || kept::move_to(&dir, &old, &new)).await
            }
            Err(error) => Err(error.to_string()),
        };
        let done = match moved {
            Ok(()) => self.write(&prepared).await.inspect_err(|_| {
                if let Err(error) = kept::move_back(&data_dir, from, to) {
                    tracing::error!(%error, from, to, "a profile's folder cannot be moved back");
                }
            }),
            Err(error) => {
                Err(ProfileFault::general(format!("what is kept of it cannot be moved: {error}")))
            }
        };
        if let Err(fault) = done {
            if ran {
                self.start(from).await;
                self.watches.page_anew();
            }
            return Err(fault);
        }
        kept::moved(&data_dir);
        self.watches.lineup().renamed(from, to);
        self.take(prepared).await;
        self.watches.page_anew();
        if written == Written::WithTokenInKeychain
            && let Err(error) = FeedToken::of(from).forget().await
        {
            tracing::warn!(%error, "the token stays in the keychain under the old name, too");
        }
        bridge::start_again_as(&self.start_again, self.follow.args()).await;
        Ok(None)
    }

    async fn remove(&mut self, name: &str, remains: ProfileRemains) -> Done {
        let prepared = self.prepare(ProfileEdit::Remove { name: name.to_owned() }).await?;
        let written = self.configured.get(name).map(|profile| profile.written);
        self.write(&prepared).await?;
        self.take(prepared).await;
        if written == Some(Written::WithTokenInKeychain)
            && let Err(error) = FeedToken::of(name).forget().await
        {
            tracing::warn!(%error, "the token of a removed profile stays in the keychain");
        }
        if remains == ProfileRemains::Kept {
            return Ok(None);
        }
        let (dir, profile) = (self.configured.places.data_dir.clone(), name.to_owned());
        let removed = off_thread(move || kept::remove(&dir, &profile)).await;
        let language = self.watches.language();
        Ok(removed.err().map(|error| say::not_all_deleted(language, name, &error)))
    }

    async fn prepare(&self, edit: ProfileEdit) -> Result<Prepared, ProfileFault> {
        let (args, places) = (self.follow.args().clone(), self.configured.places.clone());
        let prepared = tokio::task::spawn_blocking(move || prepare(&args, &places, &edit)).await;
        prepared.map_err(|panicked| ProfileFault::general(panicked.to_string()))?
    }

    async fn write(&self, prepared: &Prepared) -> Result<(), ProfileFault> {
        let path = prepared.configured.places.config.display().to_string();
        prepared
            .write()
            .map_err(|error| ProfileFault::general(format!("{path} cannot be written: {error}")))
    }

    /// It is in the file: from now on it counts.
    async fn take(&mut self, prepared: Prepared) {
        let Prepared { text, configured, args } = prepared;
        self.follow.took(text);
        self.follow.set_args(args);
        // What is told of an edit by hand, the window says itself.
        let _ = self.put_in_force(configured).await;
        self.follow.keep_copy().await;
    }

    /// Messages are filed under the profile's name and would never be sent under another one.
    async fn nothing_waits(&self, name: &str) -> Result<(), ProfileFault> {
        let (dir, profile) = (self.configured.places.data_dir.clone(), name.to_owned());
        let waiting = off_thread(move || kept::waiting(&dir, &profile)).await;
        match waiting {
            Ok(0) => Ok(()),
            Ok(count) => Err(ProfileFault::general(format!(
                "{count} messages wait to be sent under this name; see `vaultwatchctl outbox list`"
            ))),
            Err(error) => Err(ProfileFault::general(error)),
        }
    }

    /// Why a profile that should be watched now is not.
    fn left(&self, name: &str) -> Option<String> {
        let language = self.watches.language();
        match self.watches.lineup().view(name)?.state {
            ProfileState::Left { cause } => Some(say::from_next_start(language, &cause, name)),
            ProfileState::Failed { cause } => Some(say::not_watched(language, name, &cause)),
            ProfileState::Watched { .. } | ProfileState::Paused => None,
        }
    }
}

/// Waits for a disk without stopping anybody else.
async fn off_thread<T: Send + 'static, E: std::fmt::Display + Send + 'static>(
    work: impl FnOnce() -> Result<T, E> + Send + 'static,
) -> Result<T, String> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done.map_err(|error| error.to_string()),
        Err(panicked) => Err(panicked.to_string()),
    }
}
