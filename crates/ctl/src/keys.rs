//! `keys`: the encryption keys of a tenant, in the operating system's keychain.

use std::fs::File;
use std::io::{BufRead, IsTerminal, Read, Write, stdin, stdout};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use keychain::{Kept, KeyStore, OsEntropy, RingName};
use monitor::{Clock as _, SystemClock};
use realtime::encryption::{Key, KeyId, KeyRing, RingError};
use realtime::wire::UnixMillis;
use serde::Serialize;
use zeroize::Zeroizing;

use crate::End;

/// More than any key is long; a file that is larger was named by mistake.
const LONGEST: u64 = 256;

#[derive(clap::Args)]
pub(crate) struct KeysArgs {
    /// Profile the keys are for
    #[arg(
        long,
        global = true,
        env = "VAULTWATCH_PROFILE",
        default_value = "default",
        value_name = "NAME"
    )]
    profile: String,
    /// Tenant whose messages they seal; without it the profile's name
    #[arg(long, global = true, value_name = "NAME")]
    tenant: Option<String>,
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Make a key. The first one of a ring is active at once; others once `activate` says so
    #[command(visible_alias = "new")]
    Generate(New),
    /// Make a key and seal with it from now on; older keys go on opening
    Rotate(New),
    /// Show names, ages and which key is active; never the keys
    List {
        /// One JSON object per key
        #[arg(long)]
        json: bool,
    },
    /// Seal with this key from now on
    Activate {
        /// The key's name
        kid: KeyId,
    },
    /// Add a key somebody handed on: 32 bytes as base64, from standard input or a file
    Import {
        /// The key's name, the same as at its other holders
        kid: KeyId,
        /// Read it from this file instead of from standard input
        #[arg(long, value_name = "FILE")]
        file: Option<PathBuf>,
        /// Where no keychain is available, keep the key in memory and save it when one appears
        #[arg(long)]
        wait: bool,
    },
    /// Print a key, to hand it on
    Export {
        /// The key's name
        kid: KeyId,
        /// Yes, print the secret itself
        #[arg(long)]
        reveal: bool,
        /// Do not ask before printing it to a terminal
        #[arg(long)]
        yes: bool,
    },
    /// Delete a key for good: what was sealed with it cannot be opened here any more
    Remove {
        /// The key's name
        kid: KeyId,
        /// Do not ask
        #[arg(long)]
        yes: bool,
        /// Also if it is the active one; nothing can be sealed then until another is
        #[arg(long)]
        force: bool,
    },
}

#[derive(clap::Args)]
struct New {
    /// The key's name; without it the time it was made
    #[arg(long, value_name = "NAME")]
    kid: Option<KeyId>,
    /// Where no keychain is available, keep the key in memory and save it when one appears
    #[arg(long)]
    wait: bool,
}

/// One key as `list --json` prints it.
#[derive(Serialize)]
struct Row<'a> {
    kid: &'a str,
    created: UnixMillis,
    active: bool,
}

pub(crate) async fn run(args: KeysArgs) -> anyhow::Result<End> {
    let tenant = args.tenant.as_ref().unwrap_or(&args.profile);
    let name = RingName::new(&args.profile, tenant).context("--profile, --tenant")?;
    let keys = KeyStore::default();
    match args.command {
        Command::Generate(new) => generate(&keys, &name, new, Activate::IfFirst).await?,
        Command::Rotate(new) => generate(&keys, &name, new, Activate::Always).await?,
        Command::List { json } => list(&keys.load(&name).await?, &name, json)?,
        Command::Activate { kid } => {
            // Without a keychain that is what to say, not that it has no key of this name.
            keys.load(&name).await?;
            let ((), kept) = keys.update(&name, |ring| ring.activate(&kid)).await?;
            saved(&keys, kept, false).await?;
            crate::remark(&format!("`{kid}` seals from now on"));
        }
        Command::Import { kid, file, wait } => {
            let key = read_key(file.as_deref())?;
            add(&keys, &name, (kid.clone(), key), Activate::IfFirst, wait).await?;
            crate::remark(&format!("`{kid}` is on the ring of {}", name.tenant()));
        }
        Command::Export { kid, reveal, yes } => export(&keys.load(&name).await?, kid, reveal, yes)?,
        Command::Remove { kid, yes, force } => remove(&keys, &name, kid, yes, force).await?,
    }
    Ok(End::AsAsked)
}

#[derive(Clone, Copy)]
enum Activate {
    IfFirst,
    Always,
}

async fn generate(
    keys: &KeyStore,
    name: &RingName,
    new: New,
    activate: Activate,
) -> anyhow::Result<()> {
    let kid = match new.kid {
        Some(kid) => kid,
        None => KeyId::parse(&format!("k{}", SystemClock.now().0)).expect("letters and digits"),
    };
    add(keys, name, (kid.clone(), Key::generate(&OsEntropy)?), activate, new.wait).await?;
    print(kid.as_str())?;
    crate::remark("hand it on with `export`, over a way you trust; `list` shows what is active");
    Ok(())
}

async fn add(
    keys: &KeyStore,
    name: &RingName,
    (kid, key): (KeyId, Key),
    activate: Activate,
    wait: bool,
) -> anyhow::Result<()> {
    let change = |ring: &mut KeyRing| {
        ring.insert(kid.clone(), key, SystemClock.now())?;
        if matches!(activate, Activate::Always) || ring.entries().len() == 1 {
            ring.activate(&kid)?;
        }
        Ok(())
    };
    let ((), kept) = keys.update(name, change).await?;
    saved(keys, kept, wait).await
}

/// Waits for the keychain if that was asked for. Else a key in this process's memory is as good as lost.
async fn saved(keys: &KeyStore, kept: Kept, wait: bool) -> anyhow::Result<()> {
    match kept {
        Kept::InKeychain => Ok(()),
        Kept::InMemory(why) if wait => {
            crate::remark(&format!(
                "{why}\nThe change is in the memory of this command alone; it is saved when the keychain appears. \
                 Ctrl-C gives it up."
            ));
            keys.settle().await?;
            crate::remark("saved");
            Ok(())
        }
        Kept::InMemory(why) => Err(anyhow::Error::new(why).context("nothing was saved")),
    }
}

fn list(ring: &KeyRing, name: &RingName, json: bool) -> anyhow::Result<()> {
    let active = ring.active().map(|entry| &entry.kid);
    for entry in ring.entries() {
        let active = Some(&entry.kid) == active;
        if json {
            let row = Row { kid: entry.kid.as_str(), created: entry.created, active };
            print(&serde_json::to_string(&row)?)?;
        } else {
            let created = day(entry.created);
            print(&format!("{} {created}  {}", if active { "*" } else { " " }, entry.kid))?;
        }
    }
    if ring.entries().is_empty() {
        crate::remark(&format!(
            "no keys for {} in profile {}; see `keys generate` and `keys import`",
            name.tenant(),
            name.profile()
        ));
    } else if active.is_none() {
        crate::remark("no key is active: messages are opened, but none can be sent");
    }
    Ok(())
}

fn export(ring: &KeyRing, kid: KeyId, reveal: bool, yes: bool) -> anyhow::Result<()> {
    ensure!(reveal, "this prints the secret; say --reveal if that is meant");
    let Some(entry) = ring.get(&kid) else { bail!(RingError::NoSuchKey { kid }) };
    if stdout().is_terminal() && !yes {
        confirm(&format!("Print the secret key `{kid}` to this terminal?"))?;
    }
    print(&entry.key.expose_base64())
}

async fn remove(
    keys: &KeyStore,
    name: &RingName,
    kid: KeyId,
    yes: bool,
    force: bool,
) -> anyhow::Result<()> {
    let ring = keys.load(name).await?;
    let is_active = ring.active().is_some_and(|entry| entry.kid == kid);
    ensure!(
        force || !is_active,
        "`{kid}` is the active key; activate another one first, or say --force"
    );
    ensure!(ring.get(&kid).is_some(), RingError::NoSuchKey { kid });
    if !yes {
        confirm(&format!(
            "Delete the key `{kid}`? What was sealed with it cannot be opened any more."
        ))?;
    }
    let (_, kept) = keys.update(name, |ring| ring.remove(&kid)).await?;
    saved(keys, kept, false).await?;
    crate::remark(&format!("`{kid}` is removed"));
    Ok(())
}

/// Never from an argument: those are seen by every process, and kept by the shell.
fn read_key(file: Option<&Path>) -> anyhow::Result<Key> {
    // Room for all of it at once: a text that grows leaves copies of the key behind.
    let mut text = Zeroizing::new(String::with_capacity(1 + LONGEST as usize));
    match file {
        Some(path) => {
            let file = File::open(path).with_context(|| path.display().to_string())?;
            file.take(LONGEST)
                .read_to_string(&mut text)
                .with_context(|| path.display().to_string())?;
        }
        None => {
            if stdin().is_terminal() {
                crate::remark("the key as base64, then Enter (it is shown as you type):");
            }
            stdin().lock().take(LONGEST).read_line(&mut text).context("standard input")?;
        }
    }
    Ok(Key::from_base64(&text)?)
}

/// # Errors
/// When nobody is there to answer, or the answer is not yes.
fn confirm(question: &str) -> anyhow::Result<()> {
    ensure!(stdin().is_terminal(), "{question} Nobody is there to answer: say --yes");
    crate::remark(&format!("{question} Type yes:"));
    let mut answer = String::new();
    stdin().lock().take(16).read_line(&mut answer)?;
    ensure!(answer.trim() == "yes", "not confirmed; nothing was done");
    Ok(())
}

fn print(line: &str) -> anyhow::Result<()> {
    let mut out = stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).context("standard output")
}

/// To the second, in UTC.
fn day(moment: UnixMillis) -> String {
    let seconds = moment.0.div_euclid(1000);
    jiff::Timestamp::from_second(seconds).map_or_else(|_| moment.to_string(), |t| t.to_string())
}
