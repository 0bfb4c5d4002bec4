//! Whether a text may be what somebody means who types a few letters of it, and how likely that is.

/// A letter at the beginning of a word.
const BEGINS: u32 = 12;
/// A letter right after the one before it: more than the beginning of another word, or any few words would spell anything.
const FOLLOWS: u32 = 14;
const FOUND: u32 = 2;

/// How well what was typed fits the text; `None`: not at all. Each of its words must occur, as letters in this order;
/// case means nothing. Without a word everything fits alike.
#[must_use]
pub fn score(typed: &str, text: &str) -> Option<u32> {
    let text: Vec<char> = text.chars().flat_map(char::to_lowercase).collect();
    let mut total = 0;
    for word in typed.split_whitespace() {
        let word: Vec<char> = word.chars().flat_map(char::to_lowercase).collect();
        total += best(&word, &text)?;
    }
    Some(total)
}

/// Of all places where the word may begin the best one; from there each letter is taken where it comes first.
fn best(word: &[char], text: &[char]) -> Option<u32> {
    let (first, rest) = word.split_first()?;
    let starts = text.iter().enumerate().filter(|(_, letter)| *letter == first);
    starts.filter_map(|(start, _)| from(start, rest, text)).max()
}

fn from(start: usize, rest: &[char], text: &[char]) -> Option<u32> {
    let worth = |at: usize, follows: bool| {
        let begins = at == 0 || !text[at - 1].is_alphanumeric();
        FOUND + if begins { BEGINS } else { 0 } + if follows { FOLLOWS } else { 0 }
    };
    let mut total = worth(start, false);
    let mut last = start;
    for letter in rest {
        let next = last + 1 + text[last + 1..].iter().position(|one| one == letter)?;
        total += worth(next, next == last + 1);
        last = next;
    }
    Some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn better(typed: &str, likely: &str, less: &str) {
        let (likely_score, less_score) = (score(typed, likely), score(typed, less));
        assert!(
            likely_score > less_score,
            "{typed}: {likely} {likely_score:?}, {less} {less_score:?}"
        );
    }

    #[test]
    fn the_beginning_of_a_word_counts_more_than_its_middle() {
        better("set", "Settings", "Reset");
        better("aa", "Acknowledge all", "Overview, aqua a");
        better("ov", "Overview", "Remove");
        better("eth017", "ETH-017", "ETH-10-1-7");
        better("arb", "ARB-203", "as read: badge");
    }

    #[test]
    fn every_word_must_occur_in_any_order() {
        assert!(score("dark theme", "Theme: dark").is_some());
        assert_eq!(score("dark xyz", "Theme: dark"), None);
        assert_eq!(score("dkar", "dark"), None, "letters keep their order");
        assert_eq!(score("", "anything"), Some(0));
        assert_eq!(score("  ", ""), Some(0));
        assert!(score("ÜBER", "über").is_some());
    }
}
