//! The reference is complete: what the program understands and what it tells is in `docs/gateway.md` and the pages below it.
#![expect(clippy::unwrap_used, reason = "a test's helpers may panic, too")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use gateway::{Access, Gateway, Source};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs")
}

fn page(name: &str) -> String {
    std::fs::read_to_string(docs().join(name)).unwrap()
}

/// All pages about the gateway in a row.
fn reference() -> String {
    let mut pages = vec![page("gateway.md")];
    for entry in std::fs::read_dir(docs().join("gateway")).unwrap() {
        pages.push(std::fs::read_to_string(entry.unwrap().path()).unwrap());
    }
    pages.join("\n")
}

/// The options of a command by their names, each with what is said about it.
fn options(command: &[&str]) -> BTreeMap<String, String> {
    let program = env!("CARGO_BIN_EXE_vaultwatch-gateway");
    let output = Command::new(program).args(command).arg("--help").output().unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    let mut options = BTreeMap::new();
    let mut current = None;
    for line in help.lines() {
        let name = line.trim_start().split([' ', '=', '[']).find(|word| word.starts_with("--"));
        // Options begin their lines, but for a short name before them.
        let begins = line.trim_start().starts_with('-');
        if let Some(name) = name.filter(|_| begins) {
            current = Some(name.to_owned());
        }
        if let Some(name) = &current {
            let text: &mut String = options.entry(name.clone()).or_default();
            *text += line.trim();
            text.push(' ');
        }
    }
    options.retain(|name: &String, _| !["--help", "--version"].contains(&name.as_str()));
    options
}

/// Whether a page names an option, and not only one that begins like it.
fn names(page: &str, option: &str) -> bool {
    page.match_indices(option).any(|(at, _)| {
        let next = page[at + option.len()..].chars().next();
        next.is_none_or(|next| !next.is_ascii_alphanumeric() && next != '-')
    })
}

#[test]
fn every_option_is_there() {
    let reference = reference();
    let mut count = 0;
    let commands: [&[&str]; 4] = [&[], &["token", "new"], &["token", "list"], &["token", "revoke"]];
    for command in commands {
        for option in options(command).into_keys() {
            assert!(names(&reference, &option), "{option} of {command:?} is not in the reference");
            count += 1;
        }
    }
    assert!(count > 45, "{count} options were found");
}

/// As a table writes it: `1,000`, `1 MiB`, `10 s`.
fn plain(figure: &str) -> String {
    figure.chars().filter(|c| !matches!(c, ',' | ' ')).collect()
}

#[test]
fn every_limit_is_there_with_its_default() {
    let (limits, options) = (page("gateway/limits.md"), options(&[]));
    let mut checked = 0;
    for row in limits.lines().filter(|line| line.starts_with("| `--")) {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let default = cells[2];
        for name in cells[1].split('`').filter(|word| word.starts_with("--")) {
            let name = name.split(' ').next().unwrap();
            let help = &options[name];
            if default == "none" {
                assert!(!help.contains("[default"), "{name}: {help}");
                continue;
            }
            let told = help.split_once("[default: ").unwrap_or_else(|| panic!("{name}: {help}"));
            let told = told.1.split_once(']').unwrap().0;
            let default = default.strip_prefix("as `").and_then(|d| d.strip_suffix('`'));
            match default {
                Some(other) => assert_eq!(told, format!("as {other}"), "{name}"),
                None => assert_eq!(plain(told), plain(cells[2]), "{name}"),
            }
            checked += 1;
        }
    }
    assert!(checked >= 15, "{checked} defaults were compared");
}

#[tokio::test]
async fn every_figure_is_there() {
    let listen = "127.0.0.1:0".parse().unwrap();
    let gateway = Gateway::bind(listen, Access::open(), Source::Relay).await.unwrap();
    let mut stream = TcpStream::connect(gateway.local_addr()).await.unwrap();
    let request = b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    stream.write_all(request).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let reference = reference();
    let written = |name: &str| {
        let ends = ["`", "{"].map(|end| format!("`{name}{end}"));
        ends.iter().any(|text| reference.contains(text))
    };
    let mut count = 0;
    for line in answer.lines() {
        if let Some(family) = line.strip_prefix("# TYPE vaultwatch_gateway_") {
            let name = family.split(' ').next().unwrap();
            let whole = format!("vaultwatch_gateway_{name}");
            assert!(written(name) || written(&whole), "{name} is not in the reference");
            count += 1;
        }
        if let Some((_, reason)) = line.split_once("refused_total{reason=\"") {
            let reason = reason.split('"').next().unwrap();
            assert!(written(reason), "the reason {reason} is not in the reference");
        }
    }
    assert!(count >= 15, "{count} figures were found");
}
