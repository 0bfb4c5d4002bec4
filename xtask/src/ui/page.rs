//! The page around the window's program, from `index.html`, which Trunk reads as well when it serves the window to whoever
//! works on it.

use std::{fs, path::Path};

use anyhow::{Context, Result, bail};

use super::program::LOADER;

/// All styles, in one file: each more is another round of asking before anything is seen.
const STYLES: &str = "window.css";
/// The last of what the page loads before it begins; what is preloaded goes above it.
const PRELOADS: &str = "    <link rel=\"modulepreload\"";

/// Writes the page and its styles.
pub(super) fn write(sources: &Path, dist: &Path) -> Result<()> {
    let path = sources.join("index.html");
    let source = read(&path)?;
    let loads_later = dist.join(LOADER).exists();
    let made = assemble(&source, loads_later).with_context(|| path.display().to_string())?;
    let mut styles = String::new();
    for name in made.styles {
        styles += &read(&sources.join(name))?;
    }
    for (name, text) in [("index.html", &made.page), (STYLES, &styles)] {
        let path = dist.join(name);
        fs::write(&path, text).with_context(|| format!("{} cannot be written", path.display()))?;
    }
    Ok(())
}

#[derive(Debug, PartialEq, Eq)]
struct Made<'a> {
    page: String,
    /// Their files, in the order in which they overrule each other.
    styles: Vec<&'a str>,
}

/// What is marked for Trunk becomes what it stands for.
fn assemble(source: &str, loads_later: bool) -> Result<Made<'_>> {
    let mut made = Made { page: String::new(), styles: Vec::new() };
    for line in source.lines() {
        if line.starts_with(PRELOADS) && loads_later {
            made.page += &format!("{PRELOADS} href=\"/{LOADER}\" crossorigin=\"anonymous\" />\n");
        }
        if !line.contains("data-trunk") {
            made.page.push_str(line);
            made.page.push('\n');
        } else if attribute(line, "rel") == Some("css") {
            let name = attribute(line, "href").context("a style sheet without a name")?;
            if made.styles.is_empty() {
                made.page += &format!("    <link rel=\"stylesheet\" href=\"/{STYLES}\" />\n");
            }
            made.styles.push(name);
        } else if attribute(line, "rel") != Some("rust") {
            bail!("what does this stand for? {}", line.trim());
        }
    }
    Ok(made)
}

fn attribute<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = line.split_once(&format!(" {name}=\""))?;
    Some(rest.split_once('"')?.0)
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = r#"<head>
    <link data-trunk rel="css" href="src/a.css" data-integrity="none" />
    <link data-trunk rel="css" href="src/b/c.css" data-integrity="none" />
    <link data-trunk rel="rust" href="Cargo.toml" />
    <link rel="modulepreload" href="/window.js" crossorigin="anonymous" />
</head>
"#;

    #[test]
    fn styles_are_one_file_in_their_order() {
        let page = r#"<head>
    <link rel="stylesheet" href="/window.css" />
    <link rel="modulepreload" href="/window.js" crossorigin="anonymous" />
</head>
"#;
        let made = Made { page: page.to_owned(), styles: vec!["src/a.css", "src/b/c.css"] };
        assert_eq!(assemble(SOURCE, false).unwrap(), made);
    }

    #[test]
    fn what_loads_the_second_program_is_asked_for_at_once() {
        let made = assemble(SOURCE, true).unwrap();
        let loader = r#"<link rel="modulepreload" href="/later.js" crossorigin="anonymous" />"#;
        assert_eq!(made.page.matches(loader).count(), 1, "{}", made.page);
    }

    #[test]
    fn what_is_not_known_is_not_left_out() {
        let more = SOURCE.replace("rel=\"rust\"", "rel=\"copy-dir\"");
        assert!(assemble(&more, false).unwrap_err().to_string().contains("copy-dir"));
    }

    #[test]
    fn the_page_itself_is_understood() {
        let source = include_str!("../../../src-ui/index.html");
        let made = assemble(source, true).unwrap();
        assert!(made.styles.len() > 5 && !made.page.contains("data-trunk"));
        assert_eq!(made.page.matches("later.js").count(), 1);
    }
}
