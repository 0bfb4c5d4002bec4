//! What is kept of a profile on the disk: one folder, which is moved when the profile is called otherwise, and deleted
//! when it is removed. Whatever happens on the way, a profile finds its own folder at the next start.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use domain::view::ProfileKept;
use realtime::persistence::{Bounds, StreamKey};
use serde::{Deserialize, Serialize};
use store::{Batch, OUTBOX_FILE, Outbox, Store, StoreError};

/// While a profile gets another name.
const MOVING: &str = "moving.json";
/// What is being deleted; no profile is called so.
const REMOVED: &str = ".removed-";
/// Where a file that is open cannot be moved, it is tried again: whoever had it is about to close it.
const TRIES: u32 = 20;
const BETWEEN: Duration = Duration::from_millis(100);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Moving {
    from: String,
    to: String,
}

/// Where what is known of a profile lies.
#[must_use]
pub fn folder(data_dir: &Path, profile: &str) -> PathBuf {
    data_dir.join("profiles").join(profile)
}

/// What there is of it now.
#[must_use]
pub fn describe(data_dir: &Path, profile: &str) -> ProfileKept {
    let folder = folder(data_dir, profile);
    let known = [
        ("vaultwatch.db", "notifications, the alert log and how far the feed was read"),
        ("history.db", "figures over time"),
        (OUTBOX_FILE, "messages that wait to be sent"),
        ("calls.json", "who was called about which alert"),
    ];
    let contents = known.into_iter().filter(|(file, _)| folder.join(file).exists());
    ProfileKept {
        bytes: bytes_in(&folder),
        contents: contents.map(|(_, what)| what.to_owned()).collect(),
        folder: folder.display().to_string(),
    }
}

fn bytes_in(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| {
            let kind = entry.file_type().ok()?;
            Some(match kind.is_dir() {
                true => bytes_in(&entry.path()),
                false => entry.metadata().ok()?.len(),
            })
        })
        .sum()
}

/// How many messages wait to be sent. They are filed under the profile's name and would be forgotten with it.
///
/// # Errors
/// Those of [`Outbox::attach`].
pub fn waiting(data_dir: &Path, profile: &str) -> Result<u64, StoreError> {
    let path = folder(data_dir, profile).join(OUTBOX_FILE);
    if !path.exists() {
        return Ok(0);
    }
    Ok(Outbox::attach(&path, Bounds::default())?.depth().messages)
}

/// Has a profile that is about to be called `to` go on where `from` is in the feed. Nobody may be watching it.
///
/// # Errors
/// Those of [`Store::open`] and of its calls.
pub async fn carry_position(
    data_dir: &Path,
    (from, to): (&str, &str),
    tenant: Option<&str>,
) -> Result<(), StoreError> {
    let path = folder(data_dir, from).join("vaultwatch.db");
    if !path.exists() {
        return Ok(());
    }
    let (store, _) = Store::open(&path)?;
    let Some(position) = store.position(StreamKey::profile(from, tenant)).await? else {
        return Ok(());
    };
    // Under both names, until it has the other one: a crash in between loses nothing.
    let place = Some((StreamKey::profile(to, tenant), position));
    store.commit(Batch { place, ..Batch::default() }).await
}

/// Moves the folder. [`moved`] is to be called when the settings' file has the other name, [`move_back`] when it will not
/// have it.
///
/// # Errors
/// What the operating system says; [`io::ErrorKind::AlreadyExists`] where there is something of another profile. The
/// folder is where it was.
pub fn move_to(data_dir: &Path, from: &str, to: &str) -> io::Result<()> {
    let (old, new) = (folder(data_dir, from), folder(data_dir, to));
    if new.exists() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    note(data_dir, &Moving { from: from.to_owned(), to: to.to_owned() })?;
    let done = if old.exists() { rename(&old, &new) } else { Ok(()) };
    if done.is_err() {
        moved(data_dir);
    }
    done
}

/// The settings' file has the other name: nothing is left to be done.
pub fn moved(data_dir: &Path) {
    let path = data_dir.join("profiles").join(MOVING);
    if let Err(error) = fs::remove_file(&path)
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!(%error, path = %path.display(), "a note on a profile's move stays behind");
    }
}

/// The settings' file could not be changed.
///
/// # Errors
/// What the operating system says; the next start tries it again.
pub fn move_back(data_dir: &Path, from: &str, to: &str) -> io::Result<()> {
    let (old, new) = (folder(data_dir, from), folder(data_dir, to));
    if new.exists() {
        rename(&new, &old)?;
    }
    moved(data_dir);
    Ok(())
}

/// Deletes all of it.
///
/// # Errors
/// What the operating system says. What is left then is deleted at the next start, and no profile takes it for its own.
pub fn remove(data_dir: &Path, profile: &str) -> io::Result<()> {
    let folder = folder(data_dir, profile);
    if !folder.exists() {
        return Ok(());
    }
    let aside = folder.with_file_name(format!("{REMOVED}{profile}"));
    if aside.exists() {
        fs::remove_dir_all(&aside)?;
    }
    rename(&folder, &aside)?;
    fs::remove_dir_all(&aside)
}

/// Brings to its end what a crash has cut: to be called before anything is opened. `configured`: the profiles that the
/// settings' file has.
pub fn recover(data_dir: &Path, configured: &[&str]) {
    let profiles = data_dir.join("profiles");
    let entries = fs::read_dir(&profiles).into_iter().flatten().flatten();
    for entry in entries.filter(|e| e.file_name().to_string_lossy().starts_with(REMOVED)) {
        if let Err(error) = fs::remove_dir_all(entry.path()) {
            tracing::warn!(%error, path = %entry.path().display(), "what was removed is not gone");
        }
    }
    let Ok(text) = fs::read(profiles.join(MOVING)) else { return };
    if let Ok(moving) = serde_json::from_slice::<Moving>(&text) {
        let exists = |name: &String| folder(data_dir, name).exists();
        let there = (exists(&moving.from), exists(&moving.to));
        if let Some((from, to)) = outstanding(&moving, configured, there) {
            let done = rename(&folder(data_dir, from), &folder(data_dir, to));
            tracing::info!(from, to, ?done, "a profile's move was cut off");
        }
    }
    moved(data_dir);
}

/// From where to where the folder has yet to go, if it has. `there`: which of the two folders exist.
fn outstanding<'a>(
    moving: &'a Moving,
    configured: &[&str],
    there: (bool, bool),
) -> Option<(&'a str, &'a str)> {
    let (from, to) = (moving.from.as_str(), moving.to.as_str());
    match (configured.contains(&from), configured.contains(&to), there) {
        (false, true, (true, false)) => Some((from, to)),
        (true, false, (false, true)) => Some((to, from)),
        _ => None,
    }
}

fn note(data_dir: &Path, moving: &Moving) -> io::Result<()> {
    let profiles = data_dir.join("profiles");
    fs::create_dir_all(&profiles)?;
    let mut file = File::create(profiles.join(MOVING))?;
    file.write_all(&serde_json::to_vec(moving)?)?;
    file.sync_all()
}

fn rename(from: &Path, to: &Path) -> io::Result<()> {
    for _ in 1..TRIES {
        match fs::rename(from, to) {
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied && cfg!(windows) => {
                std::thread::sleep(BETWEEN);
            }
            done => return done,
        }
    }
    fs::rename(from, to)
}

#[cfg(test)]
mod tests {
    use realtime::wire::Position;

    use super::*;

    fn data() -> tempfile::TempDir {
        let data = tempfile::tempdir().unwrap();
        let acme = folder(data.path(), "acme");
        fs::create_dir_all(&acme).unwrap();
        fs::write(acme.join("vaultwatch.db"), "0123456789").unwrap();
        fs::write(acme.join("history.db"), "01234").unwrap();
        data
    }

    fn names(data: &tempfile::TempDir) -> Vec<String> {
        let all = fs::read_dir(data.path().join("profiles")).unwrap().flatten();
        let mut names: Vec<_> = all.map(|e| e.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn what_is_kept_is_told_and_deleted_and_nothing_else() {
        let data = data();
        fs::create_dir_all(folder(data.path(), "acme-eu")).unwrap();
        let kept = describe(data.path(), "acme");
        assert_eq!((kept.bytes, kept.contents.len()), (15, 2));
        assert!(kept.folder.ends_with("profiles/acme"), "{}", kept.folder);
        remove(data.path(), "acme").unwrap();
        assert_eq!(names(&data), ["acme-eu"]);
        remove(data.path(), "acme").unwrap();
        assert_eq!(describe(data.path(), "acme").bytes, 0);
    }

    #[test]
    fn a_folder_moves_with_its_name_or_stays() {
        let data = data();
        move_to(data.path(), "acme", "beta").unwrap();
        assert_eq!(names(&data), ["beta", MOVING]);
        move_back(data.path(), "acme", "beta").unwrap();
        assert_eq!(names(&data), ["acme"]);
        fs::create_dir_all(folder(data.path(), "globex")).unwrap();
        let taken = move_to(data.path(), "acme", "globex").unwrap_err();
        assert_eq!(taken.kind(), io::ErrorKind::AlreadyExists);
        move_to(data.path(), "acme", "beta").unwrap();
        moved(data.path());
        assert_eq!(names(&data), ["beta", "globex"]);
    }

    #[test]
    fn a_move_that_a_crash_has_cut_ends_as_the_settings_have_it() {
        for (configured, expected) in [("beta", "beta"), ("acme", "acme")] {
            for done in [false, true] {
                let data = data();
                let moving = Moving { from: "acme".to_owned(), to: "beta".to_owned() };
                match done {
                    true => move_to(data.path(), "acme", "beta").unwrap(),
                    false => note(data.path(), &moving).unwrap(),
                }
                recover(data.path(), &[configured, "globex"]);
                assert_eq!(names(&data), [expected], "{configured} {done}");
            }
        }
        let data = data();
        fs::create_dir_all(data.path().join("profiles/.removed-old")).unwrap();
        recover(data.path(), &["acme"]);
        assert_eq!(names(&data), ["acme"], "and what was being deleted is gone");
    }

    #[tokio::test]
    async fn the_place_in_the_feed_is_known_under_the_new_name() {
        let data = tempfile::tempdir().unwrap();
        let path = folder(data.path(), "acme").join("vaultwatch.db");
        let position = Position { epoch: "e".into(), offset: 7 };
        let (store, _) = Store::open(&path).unwrap();
        let stream = StreamKey::profile("acme", None);
        store.save_at(Vec::new(), stream, position.clone()).await.unwrap();
        carry_position(data.path(), ("acme", "beta"), None).await.unwrap();
        let found = store.position(StreamKey::profile("beta", None)).await.unwrap();
        assert_eq!(found, Some(position));
        carry_position(data.path(), ("nobody", "beta"), None).await.unwrap();
        assert_eq!(waiting(data.path(), "acme").unwrap(), 0);
    }
}
