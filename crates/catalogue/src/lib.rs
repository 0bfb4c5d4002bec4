//! Compiles a crate's texts, `locales/<language>/<room>.ftl`, to functions: a text that is missing in one language, or is
//! asked for by another name, is an error of the build.
//!
//! For build scripts alone. What comes out is a module for each file and a function for each message; whoever includes it
//! says beside it which language is spoken ([`Style`]).

mod functions;
mod room;
mod wrong;

use std::path::{Path, PathBuf};
use std::{env, fs, io};

pub use room::LANGUAGES;
pub use wrong::Wrong;

/// How the functions know the language, and what the module that includes them has to have. In either case: `pick`, which
/// chooses one of the texts of all [`LANGUAGES`], and `number`, which writes a count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// For a window, which speaks one language at a time: `pick([..])`, `number(usize)`. No name begins with `use_`: Yew
    /// takes those for hooks.
    Window,
    /// For code that knows no such thing: each function takes a `Language` first, and hands it on, as in
    /// `pick(language, [..])`, `number(language, usize)`.
    Core,
}

/// Why there are no functions.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    #[error("{path}: {source}", path = path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("{path}: {wrong}", path = path.display())]
    Wrong { path: PathBuf, wrong: Wrong },
    #[error("{path}: {source}", path = path.display())]
    Unwritable { path: PathBuf, source: io::Error },
    /// There is no `OUT_DIR`.
    #[error("OUT_DIR is not set: this is run by cargo")]
    NoFolder,
}

/// What a build script does: compiles `locales` of its package to `words.rs` in the folder for what is made.
///
/// # Errors
/// Any of [`Fault`].
pub fn build(style: Style) -> Result<(), Fault> {
    let source = compile(Path::new("locales"), style)?;
    let path = PathBuf::from(env::var_os("OUT_DIR").ok_or(Fault::NoFolder)?).join("words.rs");
    fs::write(&path, source).map_err(|source| Fault::Unwritable { path, source })
}

/// The source of the functions for the files in the folders of all [`LANGUAGES`].
///
/// # Errors
/// [`Fault::Unreadable`], [`Fault::Wrong`].
pub fn compile(locales: &Path, style: Style) -> Result<String, Fault> {
    functions::write(&room::read(locales)?, style)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A room in both languages, compiled.
    fn compiled(english: &str, german: &str, style: Style) -> Result<String, Fault> {
        let folder = tempfile::tempdir().unwrap();
        for (language, text) in LANGUAGES.into_iter().zip([english, german]) {
            fs::create_dir(folder.path().join(language)).unwrap();
            fs::write(folder.path().join(language).join("the-room.ftl"), text).unwrap();
        }
        compile(folder.path(), style)
    }

    #[track_caller]
    fn wrong(english: &str, german: &str) -> Wrong {
        match compiled(english, german, Style::Core) {
            Err(Fault::Wrong { wrong, .. }) => wrong,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_message_is_a_function_and_a_file_a_module() {
        let both = (
            "none-yet = None\nleft = { $room } % of { $all }",
            "none-yet = Keine\nleft = { $all }: { $room }",
        );
        let core = compiled(both.0, both.1, Style::Core).unwrap();
        assert!(core.contains("pub(crate) mod the_room {"), "{core}");
        let function = "fn none_yet(language: super::Language) -> &'static str { super::pick(language, [\"None\", \"Keine\"]) }";
        assert!(core.contains(function), "{core}");
        assert!(
            core.contains("fn left(language: super::Language, room: &str, all: &str) -> String")
        );
        assert!(core.contains(r#"["\u{1} % of \u{2}", "\u{2}: \u{1}"]), &[room, all]"#), "{core}");
        let window = compiled(both.0, both.1, Style::Window).unwrap();
        assert!(
            window.contains("fn none_yet() -> &'static str { super::pick([\"None\", \"Keine\"]) }")
        );
        assert!(window.contains("fn left(room: &str, all: &str) -> String"), "{window}");
    }

    #[test]
    fn a_number_that_decides_in_one_language_is_a_number_in_all() {
        let english =
            "vaults = { $count ->\n    [one] A vault\n   *[other] { $count } vaults\n } left";
        let source = compiled(english, "vaults = noch { $count }", Style::Core).unwrap();
        assert!(source.contains("fn vaults(language: super::Language, count: usize)"), "{source}");
        let choice =
            r#"if count == 1 { "A vault left" } else { "\u{1} vaults left" }, "noch \u{1}""#;
        assert!(source.contains(choice), "{source}");
        assert!(source.contains("&[&super::number(language, count)]"), "{source}");
    }

    #[test]
    fn a_name_that_rust_has_for_itself_gets_an_underscore() {
        let source = compiled("in = in { $type }", "in = in { $type }", Style::Window).unwrap();
        assert!(source.contains("fn in_(type_: &str)"), "{source}");
    }

    #[test]
    fn what_is_missing_or_other_in_a_translation_ends_the_build() {
        assert_eq!(wrong("a = A\nb = B", "a = A"), Wrong::Missing("b".to_owned()));
        assert_eq!(wrong("a = A", "a = A\nb = B"), Wrong::NotInOriginal("b".to_owned()));
        assert_eq!(wrong("a = { $x }", "a = { $y }"), Wrong::OtherVariables("a".to_owned()));
        assert_eq!(wrong("a = { $x }", "a = A"), Wrong::OtherVariables("a".to_owned()));
    }

    #[test]
    fn what_is_more_of_fluent_than_is_understood_ends_it_too() {
        let both = |text: &str| wrong(text, text);
        assert!(matches!(both("a"), Wrong::Syntax(_)));
        assert_eq!(both("a = A\na = B"), Wrong::Twice("a".to_owned()));
        assert_eq!(both("a =\n    .title = A"), Wrong::Silent("a".to_owned()));
        assert_eq!(both("a = { NUMBER($x) }"), Wrong::NoVariable("a".to_owned()));
        assert_eq!(both("a = { \"x\" ->\n   *[other] B\n }"), Wrong::NoVariable("a".to_owned()));
        let few = "a = { $x ->\n    [few] A\n   *[other] B\n }";
        assert_eq!(both(few), Wrong::Variant { id: "a".to_owned(), key: "few".to_owned() });
        assert_eq!(both("a = { $x ->\n   *[one] A\n }"), Wrong::NoOther("a".to_owned()));
        assert_eq!(both("a = { $language }"), Wrong::Taken("a".to_owned()));
        let hook = compiled("use-it = A", "use-it = B", Style::Window);
        assert!(
            matches!(&hook, Err(Fault::Wrong { wrong: Wrong::Taken(id), .. }) if id == "use-it"),
            "{hook:?}"
        );
    }

    #[test]
    fn a_file_of_one_language_alone_is_missed_in_the_other() {
        let folder = tempfile::tempdir().unwrap();
        for language in LANGUAGES {
            fs::create_dir(folder.path().join(language)).unwrap();
        }
        fs::write(folder.path().join("de").join("only.ftl"), "a = A").unwrap();
        let missing = folder.path().join("en").join("only.ftl");
        let found = compile(folder.path(), Style::Core);
        assert!(
            matches!(&found, Err(Fault::Unreadable { path, .. }) if *path == missing),
            "{found:?}"
        );
    }
}
