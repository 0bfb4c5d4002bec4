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
    let scan = Scan(text);
    let mut at = scan.expect(b'{', 0)?;
    if let Some(end) = scan.empty(b'}', at) {
        at = end;
    } else {
        loop {
            let (key, start) = scan.key(at)?;
            let end = scan.value(start, DEPTH)?;
            each(key, Raw(scan.slice(start, end)?))?;
            let next;
            (at, next) = scan.next(b'}', end)?;
            if next == Next::End {
                break;
            }
        }
    }
    if scan.blank(at) == text.len() { Ok(()) } else { Err(Unusual) }
}

/// The text. Where in it we are is passed in and handed back rather than kept here: in a register, not in memory,
/// where each step would wait for the one before it to be written and read again.
#[derive(Clone, Copy)]
struct Scan<'a>(&'a str);

/// Behind what was read.
type Behind = Result<usize, Unusual>;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Plain,
    /// A string with a backslash in it.
    Escaped,
}

/// What comes behind an element.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    Element,
    /// The container ends.
    End,
}

/// Blanks are looked for only where the byte that belongs there is missing: programs write none.
impl<'a> Scan<'a> {
    #[inline]
    fn peek(self, at: usize) -> Option<u8> {
        self.0.as_bytes().get(at).copied()
    }

    #[inline]
    fn slice(self, start: usize, end: usize) -> Result<&'a str, Unusual> {
        self.0.get(start..end).ok_or(Unusual)
    }

    #[inline]
    fn blank(self, at: usize) -> usize {
        match self.peek(at) {
            Some(b' ' | b'\n' | b'\t' | b'\r') => self.blanks(at),
            _ => at,
        }
    }

    #[cold]
    fn blanks(self, mut at: usize) -> usize {
        while let Some(b' ' | b'\n' | b'\t' | b'\r') = self.peek(at) {
            at += 1;
        }
        at
    }

    #[inline]
    fn expect(self, byte: u8, at: usize) -> Behind {
        if self.peek(at) == Some(byte) {
            return Ok(at + 1);
        }
        let at = self.blank(at);
        if self.peek(at) == Some(byte) { Ok(at + 1) } else { Err(Unusual) }
    }

    /// Behind the opening bracket: behind the closing one, if that follows at once.
    #[inline]
    fn empty(self, end: u8, at: usize) -> Option<usize> {
        let at = self.blank(at);
        (self.peek(at) == Some(end)).then_some(at + 1)
    }

    /// Behind an element: whether another one follows, or else the container's end.
    #[inline(always)]
    fn next(self, end: u8, at: usize) -> Result<(usize, Next), Unusual> {
        let at = self.blank(at);
        match self.peek(at).ok_or(Unusual)? {
            b',' => Ok((at + 1, Next::Element)),
            byte if byte == end => Ok((at + 1, Next::End)),
            _ => Err(Unusual),
        }
    }

    /// A key without escapes, and where its value begins.
    #[inline(always)]
    fn key(self, at: usize) -> Result<(&'a str, usize), Unusual> {
        let start = self.expect(b'"', at)?;
        let (end, form) = self.string(start)?;
        if form == Form::Escaped {
            return Err(Unusual);
        }
        Ok((self.slice(start, end - 1)?, self.colon(end)?))
    }

    #[inline]
    fn colon(self, at: usize) -> Behind {
        self.expect(b':', at).map(|at| self.blank(at))
    }

    #[inline(always)]
    fn value(self, at: usize, depth: usize) -> Behind {
        match self.peek(at) {
            Some(b'"') => self.string(at + 1).map(|(end, _)| end),
            Some(b'-' | b'0'..=b'9') => self.number(at),
            Some(b'{') => self.object(at, depth),
            Some(b'[') => self.array(at, depth),
            Some(b't') => self.word(b"true", at),
            Some(b'f') => self.word(b"false", at),
            Some(b'n') => self.word(b"null", at),
            _ => Err(Unusual),
        }
    }

    #[inline(never)]
    fn object(self, at: usize, depth: usize) -> Behind {
        let depth = depth.checked_sub(1).ok_or(Unusual)?;
        let mut at = at + 1;
        if let Some(end) = self.empty(b'}', at) {
            return Ok(end);
        }
        loop {
            at = self.expect(b'"', at)?;
            (at, _) = self.string(at)?;
            at = self.colon(at)?;
            at = self.value(at, depth)?;
            let next;
            (at, next) = self.next(b'}', at)?;
            if next == Next::End {
                return Ok(at);
            }
        }
    }

    #[inline(never)]
    fn array(self, at: usize, depth: usize) -> Behind {
        let depth = depth.checked_sub(1).ok_or(Unusual)?;
        let mut at = at + 1;
        if let Some(end) = self.empty(b']', at) {
            return Ok(end);
        }
        loop {
            at = self.value(self.blank(at), depth)?;
            let next;
            (at, next) = self.next(b']', at)?;
            if next == Next::End {
                return Ok(at);
            }
        }
    }

    #[inline(never)]
    fn word(self, word: &[u8], at: usize) -> Behind {
        let rest = self.0.as_bytes().get(at..).ok_or(Unusual)?;
        if rest.starts_with(word) { Ok(at + word.len()) } else { Err(Unusual) }
    }

    /// From behind the opening quote to behind the closing one.
    #[inline(always)]
    fn string(self, mut at: usize) -> Result<(usize, Form), Unusual> {
        let mut form = Form::Plain;
        loop {
            while let Some(run) = self.0.as_bytes().get(at..at + RUN) {
                let plain = plain_prefix(run.try_into().expect("it has this length"));
                at += plain;
                if plain < RUN {
                    break;
                }
            }
            match self.peek(at).ok_or(Unusual)? {
                b'"' => return Ok((at + 1, form)),
                b'\\' => {
                    at = self.escape(at)?;
                    form = Form::Escaped;
                }
                0..0x20 => return Err(Unusual),
                // Close to the end of the text.
                _ => at += 1,
            }
        }
    }

    #[cold]
    fn escape(self, at: usize) -> Behind {
        match self.peek(at + 1).ok_or(Unusual)? {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Ok(at + 2),
            b'u' => {
                let digits = self.0.as_bytes().get(at + 2..at + 6).ok_or(Unusual)?;
                if digits.iter().all(u8::is_ascii_hexdigit) { Ok(at + 6) } else { Err(Unusual) }
            }
            _ => Err(Unusual),
        }
    }

    #[inline]
    fn number(self, mut at: usize) -> Behind {
        if self.peek(at) == Some(b'-') {
            at += 1;
        }
        // What may follow a zero is seen to by whoever looks for the end of the element.
        at = if self.peek(at) == Some(b'0') { at + 1 } else { self.digits(at)? };
        if self.peek(at) == Some(b'.') {
            at = self.digits(at + 1)?;
        }
        match self.peek(at) {
            Some(b'e' | b'E') => self.exponent(at + 1),
            _ => Ok(at),
        }
    }

    #[cold]
    fn exponent(self, at: usize) -> Behind {
        match self.peek(at) {
            Some(b'+' | b'-') => self.digits(at + 1),
            _ => self.digits(at),
        }
    }

    /// At least one.
    #[inline]
    fn digits(self, start: usize) -> Behind {
        let mut at = start;
        while let Some(b'0'..=b'9') = self.peek(at) {
            at += 1;
        }
        if at > start { Ok(at) } else { Err(Unusual) }
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
