//! Drawings of the window's charts, as files.

use data_encoding::BASE64;
use monitor::{Clock as _, SystemClock};
use serde::Deserialize;

use super::export;

/// Largest drawing, in bytes. A chart has a few hundred thousand.
const LIMIT: usize = 8 * 1024 * 1024;
/// Characters of a name, the ending and the moment aside.
const NAME: usize = 60;

/// What a drawing is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Format {
    /// Its content comes in base 64.
    Png,
    Svg,
}

/// Writes a drawing where downloads go, and tells where that is. `name` is what it shows.
#[tauri::command]
pub(super) fn export_plot(name: String, format: Format, content: String) -> Result<String, String> {
    let content = checked(format, content)?;
    let ending = if format == Format::Png { "png" } else { "svg" };
    let file = format!("vaultwatch-{}-{}.{ending}", slug(&name), SystemClock.now());
    export::save(&file, &content).map(|path| path.display().to_string())
}

/// The bytes of the file, if they are what they are said to be.
fn checked(format: Format, content: String) -> Result<Vec<u8>, String> {
    // Base 64 is longer by a third.
    if content.len() > LIMIT / 3 * 4 {
        return Err(format!("the drawing has {} bytes, more than a chart has", content.len()));
    }
    let no = |what: &str| format!("the drawing is no {what}");
    match format {
        Format::Png => {
            let bytes = BASE64.decode(content.as_bytes()).map_err(|_| no("PNG"))?;
            if bytes.starts_with(b"\x89PNG\r\n\x1a\n") { Ok(bytes) } else { Err(no("PNG")) }
        }
        Format::Svg if content.starts_with("<svg ") && content.trim_end().ends_with("</svg>") => {
            Ok(content.into_bytes())
        }
        Format::Svg => Err(no("SVG")),
    }
}

/// Words of letters and digits with `-` between them: nothing that names a folder or an option.
fn slug(name: &str) -> String {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let joined = words.collect::<Vec<_>>().join("-").to_ascii_lowercase();
    let cut = joined.get(..NAME).unwrap_or(&joined).trim_end_matches('-');
    if cut.is_empty() { "chart".to_owned() } else { cut.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_leave_the_folder() {
        assert_eq!(slug("ETH-017: to liquidation over 24 h"), "eth-017-to-liquidation-over-24-h");
        assert_eq!(slug("../../etc/passwd"), "etc-passwd");
        assert_eq!(slug("…"), "chart");
        assert_eq!(slug(&"a-".repeat(100)).len(), 59);
    }

    #[test]
    fn only_what_is_a_drawing_is_written() {
        let png = BASE64.encode(b"\x89PNG\r\n\x1a\nrest");
        assert_eq!(checked(Format::Png, png.clone()).unwrap(), b"\x89PNG\r\n\x1a\nrest");
        let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\"></svg>\n";
        assert_eq!(checked(Format::Svg, svg.to_owned()).unwrap(), svg.as_bytes());
        for (format, content) in [
            (Format::Png, svg.to_owned()),
            (Format::Png, BASE64.encode(b"GIF89a")),
            (Format::Svg, png),
            (Format::Svg, "<html></html>".to_owned()),
            (Format::Svg, "<svg ".to_owned()),
        ] {
            assert!(checked(format, content.clone()).is_err(), "{content}");
        }
        let large = format!("<svg {}</svg>", " ".repeat(LIMIT * 2));
        assert!(checked(Format::Svg, large).unwrap_err().contains("more than a chart has"));
    }
}
