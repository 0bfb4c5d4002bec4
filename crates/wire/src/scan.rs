//! The fields of a JSON object, checked and taken apart in one pass.
//!
//! `serde_json` builds what it is asked for; here nothing is built. Nearly every message on a feed is an object of a
//! dozen short fields, and looking at each byte once, sixteen at a time within strings, is several times faster than
//! a general decoder. It knows its limits: whatever is unusual makes it give up, and the caller then asks
//! `serde_json`, whose word counts. So this must never accept what `serde_json` refuses, and may refuse anything.

use wide::u8x16;

/// Nesting beyond this is left to the general decoder.
const DEPTH: usize = 32;

/// One value, checked to be JSON and not looked at any further.
// No more than a slice: it travels in registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Raw<'a>(&'a str);

/// Not what this scanner was made for: no JSON at all, no object, or JSON of a rare kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unusual;

impl<'a> Raw<'a> {
    /// The JSON text of the value.
    #[must_use]
    #[inline]
    pub fn json(self) -> &'a str {
        self.0
    }

    /// The text of a string that stands for itself; `None` for a string with escapes, and for what is no string.
    #[must_use]
    #[inline]
    pub fn plain_text(self) -> Option<&'a str> {
        let inner = self.0.strip_prefix('"')?.strip_suffix('"')?;
        let escaped = inner.bytes().fold(false, |escaped, byte| escaped | (byte == b'\\'));
        (!escaped).then_some(inner)
    }
}

/// Reads the fields of the object that `text` consists of.
///
/// Each is handed to `each`, key and value, as soon as it was read, in the order of the text and however often its
/// key occurs. A key with an escape in it is unusual: none of ours has one.
///
/// # Errors
/// [`Unusual`] when the text must be given to a general decoder, which may or may not take it. `each` may have been
/// called by then; it can return the error as well, to stop at a field that needs more than a look.
#[inline]
pub fn fields<'a>(
    text: &'a str,
    mut each: impl FnMut(&'a str, Raw<'a>) -> Result<(), Unusual>,
) -> Result<(), Unusual> {
    let mut scanner = Scanner { text, bytes: text.as_bytes(), at: 0 };
    scanner.expect(b'{')?;
    if !scanner.empty(b'}') {
        loop {
            let key = scanner.key()?;
            let start = scanner.at;
            scanner.value(DEPTH)?;
            each(key, Raw(scanner.slice(start, scanner.at)?))?;
            if !scanner.more(b'}')? {
                break;
            }
        }
    }
    scanner.blank();
    if scanner.at == text.len() { Ok(()) } else { Err(Unusual) }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Plain,
    /// A string with a backslash in it.
    Escaped,
}

struct Scanner<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
}

/// Blanks are looked for only where the byte that belongs there is missing: programs write none.
impl<'a> Scanner<'a> {
    #[inline]
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    #[inline]
    fn slice(&self, start: usize, end: usize) -> Result<&'a str, Unusual> {
        self.text.get(start..end).ok_or(Unusual)
    }

    #[cold]
    fn blank(&mut self) {
        while let Some(b' ' | b'\n' | b'\t' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    #[inline]
    fn expect(&mut self, byte: u8) -> Result<(), Unusual> {
        if self.peek() != Some(byte) {
            self.blank();
            if self.peek() != Some(byte) {
                return Err(Unusual);
            }
        }
        self.at += 1;
        Ok(())
    }

    /// Behind the opening bracket: whether the closing one follows at once.
    #[inline]
    fn empty(&mut self, end: u8) -> bool {
        if let Some(b' ' | b'\n' | b'\t' | b'\r') = self.peek() {
            self.blank();
        }
        let empty = self.peek() == Some(end);
        self.at += usize::from(empty);
        empty
    }

    /// Behind an element: whether another one follows, or else the container's end.
    #[inline]
    fn more(&mut self, end: u8) -> Result<bool, Unusual> {
        if let Some(b' ' | b'\n' | b'\t' | b'\r') = self.peek() {
            self.blank();
        }
        let next = self.peek().ok_or(Unusual)?;
        self.at += 1;
        match next {
            b',' => Ok(true),
            byte if byte == end => Ok(false),
            _ => Err(Unusual),
        }
    }

    /// A key without escapes, and the colon behind it; up to where the value begins.
    #[inline(always)]
    fn key(&mut self) -> Result<&'a str, Unusual> {
        self.expect(b'"')?;
        let start = self.at;
        if self.string()? == Form::Escaped {
            return Err(Unusual);
        }
        let key = self.slice(start, self.at - 1)?;
        self.colon()?;
        Ok(key)
    }

    #[inline]
    fn colon(&mut self) -> Result<(), Unusual> {
        self.expect(b':')?;
        if let Some(b' ' | b'\n' | b'\t' | b'\r') = self.peek() {
            self.blank();
        }
        Ok(())
    }

    #[inline]
    fn value(&mut self, depth: usize) -> Result<(), Unusual> {
        match self.peek() {
            Some(b'"') => {
                self.at += 1;
                self.string().map(|_| ())
            }
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b't') => self.word(b"true"),
            Some(b'f') => self.word(b"false"),
            Some(b'n') => self.word(b"null"),
            _ => Err(Unusual),
        }
    }

    fn object(&mut self, depth: usize) -> Result<(), Unusual> {
        let depth = depth.checked_sub(1).ok_or(Unusual)?;
        self.at += 1;
        if self.empty(b'}') {
            return Ok(());
        }
        loop {
            self.expect(b'"')?;
            self.string()?;
            self.colon()?;
            self.value(depth)?;
            if !self.more(b'}')? {
                return Ok(());
            }
        }
    }

    #[inline(never)]
    fn array(&mut self, depth: usize) -> Result<(), Unusual> {
        let depth = depth.checked_sub(1).ok_or(Unusual)?;
        self.at += 1;
        if self.empty(b']') {
            return Ok(());
        }
        loop {
            self.value(depth)?;
            if !self.more(b']')? {
                return Ok(());
            }
            if let Some(b' ' | b'\n' | b'\t' | b'\r') = self.peek() {
                self.blank();
            }
        }
    }

    #[inline(never)]
    fn word(&mut self, word: &[u8]) -> Result<(), Unusual> {
        if !self.bytes[self.at..].starts_with(word) {
            return Err(Unusual);
        }
        self.at += word.len();
        Ok(())
    }

    /// From behind the opening quote to behind the closing one.
    #[inline]
    fn string(&mut self) -> Result<Form, Unusual> {
        let mut form = Form::Plain;
        loop {
            while let Some(run) = self.bytes.get(self.at..self.at + RUN) {
                let plain = plain_prefix(run.try_into().expect("it has this length"));
                self.at += plain;
                if plain < RUN {
                    break;
                }
            }
            match self.peek().ok_or(Unusual)? {
                b'"' => {
                    self.at += 1;
                    return Ok(form);
                }
                b'\\' => {
                    self.escape()?;
                    form = Form::Escaped;
                }
                0..0x20 => return Err(Unusual),
                // Close to the end of the text.
                _ => self.at += 1,
            }
        }
    }

    #[cold]
    fn escape(&mut self) -> Result<(), Unusual> {
        self.at += 1;
        let escaped = self.peek().ok_or(Unusual)?;
        self.at += 1;
        match escaped {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Ok(()),
            b'u' => {
                let digits = self.bytes.get(self.at..self.at + 4).ok_or(Unusual)?;
                self.at += 4;
                if digits.iter().all(u8::is_ascii_hexdigit) { Ok(()) } else { Err(Unusual) }
            }
            _ => Err(Unusual),
        }
    }

    #[inline]
    fn number(&mut self) -> Result<(), Unusual> {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        // What may follow a zero is seen to by whoever looks for the end of the element.
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.exponent()?;
        }
        Ok(())
    }

    #[cold]
    fn exponent(&mut self) -> Result<(), Unusual> {
        self.at += 1;
        if let Some(b'+' | b'-') = self.peek() {
            self.at += 1;
        }
        self.digits()
    }

    /// At least one.
    #[inline]
    fn digits(&mut self) -> Result<(), Unusual> {
        let rest = self.bytes.get(self.at..).ok_or(Unusual)?;
        let count = rest.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(rest.len());
        self.at += count;
        if count > 0 { Ok(()) } else { Err(Unusual) }
    }
}

/// Bytes of a string that are looked at together.
const RUN: usize = 16;

/// How many bytes there are before a quote, a backslash or a control character, where a string ends or needs a closer
/// look.
#[inline]
fn plain_prefix(run: [u8; RUN]) -> usize {
    let run = u8x16::new(run);
    let quotes = run.simd_eq(u8x16::splat(b'"'));
    let backslashes = run.simd_eq(u8x16::splat(b'\\'));
    let controls = run.min(u8x16::splat(0x1f)).simd_eq(run);
    let marks = (quotes | backslashes | controls).to_bitmask();
    // The bit above the sixteen stands for the end.
    (marks | 1 << RUN).trailing_zeros() as usize
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_plain_run_ends_at_the_first_byte_that_is_not(run in prop::array::uniform16(prop_oneof![
            5 => any::<u8>(), 1 => Just(b'"'), 1 => Just(b'\\'), 1 => 0u8..0x21, 1 => Just(0xff),
        ])) {
            let special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..0x20);
            prop_assert_eq!(plain_prefix(run), run.iter().position(special).unwrap_or(RUN));
        }
    }
}
