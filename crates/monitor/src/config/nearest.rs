//! What somebody may have meant.

/// Most letters that may differ, of a word of any length.
const MOST: usize = 3;

/// The known word that is nearest to one that is not known; `None` where none is near. How words are joined, and large
/// letters, do not count: whoever writes `reconnect_interval` means `reconnectInterval`.
pub(super) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain = plain(word);
    let most = MOST.min(1 + plain.len() / 4);
    let near = known.into_iter().map(|known| (distance(&plain, &self::plain(known)), known));
    near.filter(|(distance, _)| *distance <= most)
        .min_by_key(|(distance, _)| *distance)
        .map(|near| near.1)
}

fn plain(word: &str) -> Vec<char> {
    word.chars().filter(|c| !matches!(c, '_' | '-')).flat_map(char::to_lowercase).collect()
}

/// How many letters are to be changed, put in, taken out, or swapped with their neighbour.
fn distance(a: &[char], b: &[char]) -> usize {
    // Three rows of the table: the one being filled and the two above it.
    let (mut above, mut row) = (Vec::new(), (0..=b.len()).collect::<Vec<_>>());
    for (i, x) in a.iter().enumerate() {
        let mut next = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let mut least = (row[j] + usize::from(x != y)).min(row[j + 1] + 1).min(next[j] + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                let swapped: &Vec<usize> = &above;
                least = least.min(swapped[j - 1] + 1);
            }
            next.push(least);
        }
        above = std::mem::replace(&mut row, next);
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_meant_is_found_and_nothing_far_off_is() {
        let known = ["url", "token", "reconnectInterval", "reconnectCap", "heartbeatInterval"];
        for (word, meant) in [
            ("urll", Some("url")),
            ("ulr", Some("url")),
            ("URL", Some("url")),
            ("tokn", Some("token")),
            ("reconnect_interval", Some("reconnectInterval")),
            ("hearbeatIntervall", Some("heartbeatInterval")),
            ("colour", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, known), meant, "{word}");
        }
    }
}
