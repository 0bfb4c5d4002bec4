/// A place in a text, as editors count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
}

impl Position {
    /// Of a byte; one within a character, or beyond the end, is that of what lies before it.
    pub(super) fn of(text: &str, byte: usize) -> Self {
        let before = &text[..text.floor_char_boundary(byte)];
        let line = 1 + before.bytes().filter(|byte| *byte == b'\n').count();
        let start = before.rfind('\n').map_or(0, |end| end + 1);
        Self { line, column: 1 + before[start..].chars().count() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_characters() {
        let text = "a\n# é = 1\n\nb";
        for (byte, line, column) in
            [(0, 1, 1), (2, 2, 1), (5, 2, 3), (6, 2, 4), (11, 3, 1), (99, 4, 2)]
        {
            assert_eq!(Position::of(text, byte), Position { line, column }, "{byte}");
        }
    }
}
