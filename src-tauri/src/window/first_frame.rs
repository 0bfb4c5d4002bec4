//! What the page finds when it begins, so that its first frame shows last values instead of waiting for them.

use std::time::Duration;

use domain::view::{FirstFrame, Theme};

use crate::watch::Watches;

/// Vaults shown at first. The others come a moment later, with `attach`.
const VAULTS: usize = 2_000;
/// More than this is not put into the page: it would take longer than asking for it.
const BYTES: usize = 2 * 1_024 * 1_024;
/// A watch that is busy must not hold the window up.
const PATIENCE: Duration = Duration::from_millis(150);

/// A page's beginning.
#[derive(Debug)]
pub(super) struct Beginning {
    /// A [`FirstFrame`] in JSON.
    pub(super) text: String,
    /// Red, green and blue of what is seen before the page draws; `None`: the desktop's own.
    pub(super) background: Option<[u8; 3]>,
}

/// Asks the watch for what there is now, and puts what the page left beside it.
pub(super) async fn beginning(watches: &Watches, left: Option<String>) -> Beginning {
    let glimpse =
        tokio::time::timeout(PATIENCE, watches.glimpse(VAULTS)).await.unwrap_or_else(|_| {
            tracing::warn!("the watch is busy: the window begins without values");
            None
        });
    Beginning::of(FirstFrame { glimpse, left })
}

impl Beginning {
    fn of(whole: FirstFrame) -> Self {
        let theme = whole.glimpse.as_ref().map(|glimpse| glimpse.attached.theme);
        let background = theme.and_then(background);
        let text = in_json(&whole);
        if text.len() <= BYTES {
            return Self { text, background };
        }
        tracing::debug!(bytes = text.len(), "too much for a first frame");
        Self { text: in_json(&FirstFrame { glimpse: None, ..whole }), background }
    }
}

fn in_json(frame: &FirstFrame) -> String {
    serde_json::to_string(frame).expect("its keys are words")
}

/// Run before any script of the page, which cannot change what it finds.
pub(super) fn script(text: &str) -> String {
    format!(
        "Object.defineProperty(window, \"{}\", {{ value: {} }});",
        FirstFrame::NAME,
        literal(text)
    )
}

/// A text in JavaScript. Whatever a server has sent is in it: nothing of it may end the text, or a script where one is
/// put into a page.
fn literal(text: &str) -> String {
    let quoted = serde_json::to_string(text).expect("a text is JSON");
    quoted.replace('<', "\\u003c").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029")
}

/// The page's own, as in `src-ui/src/design/tokens.css`.
fn background(theme: Theme) -> Option<[u8; 3]> {
    match theme {
        Theme::System => None,
        Theme::Dark => Some([0x0d, 0x10, 0x14]),
        Theme::Light => Some([0xf4, 0xf5, 0xf7]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_the_text_but_its_end() {
        for hostile in ["\"); alert(1); (\"", "</script><script>", "\u{2028}\n\\", "'`${1}", "\0"] {
            let literal = literal(hostile);
            assert!(literal.is_ascii() && !literal.contains('<') && !literal.contains('\n'));
            assert_eq!(serde_json::from_str::<String>(&literal).unwrap(), hostile);
            // No quote within that is not escaped.
            let within = literal[1..literal.len() - 1].replace("\\\\", "").replace("\\\"", "");
            assert!(!within.contains('"'), "{literal}");
        }
    }

    #[test]
    fn the_background_is_the_pages_own() {
        let tokens = include_str!("../../../src-ui/src/design/tokens.css");
        for (theme, of) in [(Theme::Dark, "dark"), (Theme::Light, "light")] {
            let tokens = tokens.split(&format!("[data-theme=\"{of}\"] {{")).nth(1).unwrap();
            let token = tokens.split("--bg-0: #").nth(1).unwrap();
            let [red, green, blue] = background(theme).unwrap();
            assert_eq!(token[..6], format!("{red:02x}{green:02x}{blue:02x}"));
        }
        assert_eq!(background(Theme::System), None);
    }

    #[test]
    fn without_values_there_is_what_the_page_left() {
        let left = Some(r#"{"page":"alerts"}"#.to_owned());
        let beginning = Beginning::of(FirstFrame { glimpse: None, left });
        let frame: FirstFrame = serde_json::from_str(&beginning.text).unwrap();
        assert_eq!(frame.left.as_deref(), Some(r#"{"page":"alerts"}"#));
        assert_eq!((frame.glimpse, beginning.background), (None, None));
        let script = script(&beginning.text);
        assert!(script.starts_with("Object.defineProperty(window, \"__VAULTWATCH_"), "{script}");
    }
}
