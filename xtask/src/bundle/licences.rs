//! The licences of what is linked into the programs, each text once, under the names of those it holds for.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use super::graph::{Crate, Key};
use crate::command::{command, output};
use crate::workspace;

/// How the files begin in which crates keep their licences, in capitals.
const NAMES: &[&str] = &["LICENSE", "LICENCE", "COPYING", "COPYRIGHT", "NOTICE", "UNLICENSE"];

const RULE: &str =
    "--------------------------------------------------------------------------------";

/// The notice for these crates and for the standard library, without which none of them is.
///
/// # Errors
/// A crate brings no text, and its licence is none of those whose text is known without.
pub(crate) fn notice(crates: &[(&Key, &Crate)]) -> Result<String> {
    let foreign: Vec<_> =
        crates.iter().copied().filter(|(_, about)| about.checksum.is_some()).collect();
    let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut overview = String::new();
    for (key, about) in &foreign {
        let (name, version) = key;
        let licence = about.licence.as_deref().unwrap_or("see its text");
        overview.push_str(&format!("{name} {version}: {licence}\n"));
        for text in texts_of(key, about, &foreign)? {
            texts.entry(text).or_default().push(format!("{name} {version}"));
        }
    }
    let rustc = output(command("rustc").arg("--version"))?;
    let standard = rustc.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
    overview.push_str(&format!("the standard library of {standard}: MIT OR Apache-2.0\n"));
    texts.entry(apache()?).or_default().push(format!("the standard library of {standard}"));

    let mut ordered: Vec<_> = texts.into_iter().collect();
    // By whom they are for, which is how they are looked for.
    ordered.sort_by(|(_, one), (_, other)| one.cmp(other));
    let sections = ordered
        .into_iter()
        .map(|(text, users)| format!("{RULE}\n{}\n{RULE}\n\n{text}\n\n", users.join(", ")));
    Ok(format!(
        "What is linked into the programs of this package, by whom, and under which licence. VaultWatch itself is MIT \
         OR\nApache-2.0, at your choice: LICENSE-MIT and LICENSE-APACHE beside this file.\n\n{overview}\n{}",
        sections.collect::<String>()
    ))
}

/// The texts that a crate brings, or that stand for it where it brings none.
fn texts_of(key: &Key, about: &Crate, all: &[(&Key, &Crate)]) -> Result<Vec<String>> {
    let brought = brought(about)?;
    if !brought.is_empty() {
        return Ok(brought);
    }
    let (name, version) = key;
    let licence = about.licence.as_deref().unwrap_or_default();
    let choices: Vec<_> = licence.split(" OR ").map(str::trim).collect();
    if choices.contains(&"Apache-2.0") {
        return Ok(vec![apache()?]);
    }
    if choices.contains(&"MIT") {
        return Ok(vec![mit(about)?]);
    }
    // The text of others of the same authors is theirs, too; and the Mozilla licence names nobody.
    let same = |other: &Crate| {
        other.licence == about.licence && (licence == "MPL-2.0" || other.authors == about.authors)
    };
    for (_, other) in all.iter().filter(|(_, other)| same(other)) {
        if let Some(text) = self::brought(other)?.into_iter().next() {
            return Ok(vec![text]);
        }
    }
    bail!("{name} {version} ({licence:?}) brings no text of its licence, and no other crate has it")
}

/// What lies beside a crate's manifest under a name that licences have, or is named in it.
fn brought(about: &Crate) -> Result<Vec<String>> {
    let mut paths = Vec::new();
    let entries =
        fs::read_dir(&about.folder).with_context(|| about.folder.display().to_string())?;
    for entry in entries {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_uppercase();
        if path.is_file() && NAMES.iter().any(|start| name.starts_with(start)) {
            paths.push(path);
        }
    }
    paths.extend(about.licence_file.iter().map(|file| about.folder.join(file)));
    paths.sort();
    paths.dedup();
    let mut texts = paths.iter().map(|path| read(path)).collect::<Result<Vec<_>>>()?;
    texts.retain(|text| !text.is_empty());
    texts.dedup();
    Ok(texts)
}

fn read(path: &Path) -> Result<String> {
    let bytes = fs::read(path).with_context(|| path.display().to_string())?;
    Ok(one_form(&String::from_utf8_lossy(&bytes)))
}

/// The same text for the same licence, however its lines end.
fn one_form(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(str::trim_end).collect();
    lines.join("\n").trim_matches('\n').to_owned()
}

fn apache() -> Result<String> {
    read(&workspace::root().join("LICENSE-APACHE"))
}

/// Ours, in the names of others.
fn mit(about: &Crate) -> Result<String> {
    let ours = read(&workspace::root().join("LICENSE-MIT"))?;
    let holders = match about.authors.as_slice() {
        [] => "its authors".to_owned(),
        authors => authors.join(", "),
    };
    let lines = ours.lines().map(|line| match line.starts_with("Copyright (c)") {
        true => format!("Copyright (c) {holders}"),
        false => line.to_owned(),
    });
    Ok(lines.collect::<Vec<_>>().join("\n"))
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    fn crate_of(folder: &TempDir, licence: &str, author: &str) -> Crate {
        Crate {
            licence: Some(licence.into()),
            authors: vec![author.into()],
            folder: folder.path().to_owned(),
            checksum: Some("00".into()),
            ..Crate::default()
        }
    }

    fn folder(files: &[(&str, &str)]) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            fs::write(folder.path().join(name), text).unwrap();
        }
        folder
    }

    fn key(name: &str) -> Key {
        (name.into(), "1.0.0".into())
    }

    #[test]
    fn the_same_text_stands_once_under_all_it_holds_for() {
        let a = folder(&[("LICENSE-MIT", "terms of A\r\n"), ("lib.rs", "fn secret() {}")]);
        let b = folder(&[("license.txt", "\nterms of A\n"), ("NOTICE", "be told")]);
        let ours = folder(&[("LICENSE", "ours")]);
        let (a, b) = (crate_of(&a, "MIT", "A"), crate_of(&b, "MIT", "A"));
        let ours = Crate { checksum: None, ..crate_of(&ours, "MIT", "we") };
        let (one, two, three) = (key("a"), key("b"), key("ours"));
        let notice = notice(&[(&one, &a), (&two, &b), (&three, &ours)]).unwrap();
        assert_eq!(notice.matches("terms of A").count(), 1, "{notice}");
        assert!(notice.contains("a 1.0.0, b 1.0.0\n"), "{notice}");
        assert!(notice.contains("be told") && notice.contains("a 1.0.0: MIT\n"), "{notice}");
        assert!(!notice.contains("ours 1.0.0") && !notice.contains("fn secret"), "{notice}");
        assert!(notice.contains("the standard library of rustc 1."), "{notice}");
    }

    #[test]
    fn a_crate_without_a_text_gets_the_one_that_holds_for_it() {
        let empty = folder(&[]);
        let full = folder(&[("LICENSE", "terms of the Dropbox")]);
        let other = (key("other"), crate_of(&full, "BSD-3-Clause", "D"));
        let all = [(&other.0, &other.1)];
        let text = |licence: &str, author: &str| {
            let about = crate_of(&empty, licence, author);
            texts_of(&key("bare"), &about, &all).map(|texts| texts.join("\n"))
        };
        assert!(text("MIT", "A B <a@b.c>").unwrap().contains("Copyright (c) A B <a@b.c>"));
        assert!(text("MIT OR Apache-2.0", "A").unwrap().contains("Apache License"));
        assert_eq!(text("BSD-3-Clause", "D").unwrap(), "terms of the Dropbox");
        let error = text("BSD-3-Clause", "somebody else").unwrap_err().to_string();
        assert!(error.contains("bare 1.0.0") && error.contains("BSD-3-Clause"), "{error}");
    }
}
