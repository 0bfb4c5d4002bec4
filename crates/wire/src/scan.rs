//! The fields of a JSON object, checked and taken apart in one pass.
//!
//! `serde_json` builds what it is asked for; here nothing is built. Nearly every message on a feed is an object of a
//! dozen short fields. The quotes of 64 bytes are found together, so that the end of a string is the next quote and
//! costs no look at what is between, which is several times faster than a general decoder. It knows its limits:
//! whatever is unusual, an escape or a line break anywhere in the text included, makes it give up, and the caller then
//! asks `serde_json`, whose word counts. So this must never accept what `serde_json` refuses, and may refuse anything.

use std::ops::Range;

use wide::u8x16;

/// One value, checked to be JSON and not looked at any further. Its strings have no escapes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Raw<'a> {
    text: &'a [u8],
    start: usize,
    end: usize,
    figure: Option<Figure>,
}

/// A number in plain notation: `mantissa` / 10^`scale`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Figure {
    pub mantissa: u64,
    pub scale: u32,
}

impl Figure {
    /// Longest text that is read as one, a point included: nineteen digits are less than 2⁶⁴.
    pub const LIMIT: usize = 19;
}

/// Not what this scanner was made for: no JSON at all, no object, or JSON of a rare kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unusual;

impl<'a> Raw<'a> {
    /// The JSON text of the value.
    #[must_use]
    #[inline]
    pub fn json(self) -> &'a [u8] {
        &self.text[self.range()]
    }

    /// Where in the object's text that is.
    #[must_use]
    #[inline]
    pub fn range(self) -> Range<usize> {
        self.start..self.end
    }

    /// What a number without sign and exponent is, unless it is longer than [`Figure::LIMIT`].
    #[must_use]
    #[inline]
    pub fn figure(self) -> Option<Figure> {
        self.figure
    }

    /// Where the text of a string is; `None` for what is none.
    #[must_use]
    #[inline]
    pub fn text_range(self) -> Option<Range<usize>> {
        (self.text[self.start] == b'"').then(|| self.start + 1..self.end - 1)
    }

    /// The text of a string; `None` for what is none.
    #[must_use]
    #[inline]
    pub fn text(self) -> Option<&'a str> {
        str::from_utf8(&self.text[self.text_range()?]).ok()
    }
}

/// What the strings of a text are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charset {
    /// Of space to tilde and nothing else.
    PrintableAscii,
    /// Of anything but the control characters that JSON forbids.
    Unicode,
}

/// Reads the fields of the object that `text`, which is UTF-8, consists of.
///
/// Each is handed to `each`, key and value, as soon as it was read, in the order of the text and however often its
/// key occurs.
///
/// # Errors
/// [`Unusual`] when the text must be given to a general decoder, which may or may not take it. `each` may have been
/// called by then; it can return the error as well, to stop at a field that needs more than a look.
#[inline]
pub fn fields<'a>(
    text: &'a [u8],
    mut each: impl FnMut(&'a [u8], Raw<'a>) -> Result<(), Unusual>,
) -> Result<Charset, Unusual> {
    let mut scan = Scan { text, quotes: Quotes::new() };
    let mut at = match scan.solid(0)? {
        (b'{', at) => at + 1,
        _ => return Err(Unusual),
    };
    match scan.solid(at)? {
        (b'}', end) => at = end + 1,
        _ => loop {
            let key;
            (key, at) = scan.key(at)?;
            let (first, start) = scan.solid(at)?;
            let (read, end) = match first {
                b'0'..=b'9' => figure(scan.text, start)?,
                _ => (None, scan.value(first, start)?),
            };
            each(key, Raw { text, start, end, figure: read })?;
            let delimiter;
            (delimiter, at) = scan.solid(end)?;
            at += 1;
            match delimiter {
                b',' => {}
                b'}' => break,
                _ => return Err(Unusual),
            }
        },
    }
    if text[at..].iter().all(|byte| *byte == b' ') { Ok(scan.quotes.charset) } else { Err(Unusual) }
}

/// The text, and where in it the strings are.
struct Scan<'a> {
    text: &'a [u8],
    quotes: Quotes,
}

/// Behind what was read.
type Behind = Result<usize, Unusual>;

/// Containers within each other that are looked into: one bit each. `serde_json` goes further.
const DEPTH: u32 = 62;

// All inlined: kept in memory rather than in registers, each step would wait for the one before it to be written and
// read again.
impl<'a> Scan<'a> {
    /// The first byte from here on that is no blank, and where it is. Programs write at most one.
    #[inline(always)]
    fn solid(&self, at: usize) -> Result<(u8, usize), Unusual> {
        match *self.text.get(at).ok_or(Unusual)? {
            b' ' => solid(self.text, at),
            byte => Ok((byte, at)),
        }
    }

    /// A key, and what is behind its colon.
    #[inline(always)]
    fn key(&mut self, at: usize) -> Result<(&'a [u8], usize), Unusual> {
        let mut open = self.quotes.next(self.text)?;
        if open != at {
            let (_, solid) = self.solid(at)?;
            open = if open == solid { solid } else { return Err(Unusual) };
        }
        let close = self.quotes.next(self.text)?;
        let key = self.text.get(open + 1..close).ok_or(Unusual)?;
        match self.solid(close + 1)? {
            (b':', at) => Ok((key, at + 1)),
            _ => Err(Unusual),
        }
    }

    /// From a value's first byte to behind it.
    #[inline(always)]
    fn value(&mut self, mut first: u8, mut at: usize) -> Behind {
        // The containers that are open, the innermost in the lowest bit: 1 for an object. The highest bit stands for none.
        let mut open = 1_u64;
        loop {
            if let b'{' | b'[' = first {
                let is_object = first == b'{';
                open = open << 1 | u64::from(is_object);
                if open >> DEPTH > 1 {
                    return Err(Unusual);
                }
                let inner;
                (inner, at) = self.solid(at + 1)?;
                // Either bracket is two before the one that closes it.
                if inner == first + 2 {
                    open >>= 1;
                    at += 1;
                } else {
                    if is_object {
                        (_, at) = self.key(at)?;
                    }
                    (first, at) = self.solid(at)?;
                    continue;
                }
            } else {
                at = self.scalar(first, at)?;
            }
            loop {
                if open == 1 {
                    return Ok(at);
                }
                let delimiter;
                (delimiter, at) = self.solid(at)?;
                at += 1;
                match (delimiter, open & 1) {
                    (b',', 0) => {}
                    (b',', _) => (_, at) = self.key(at)?,
                    (b']', 0) | (b'}', 1) => {
                        open >>= 1;
                        continue;
                    }
                    _ => return Err(Unusual),
                }
                (first, at) = self.solid(at)?;
                break;
            }
        }
    }

    #[inline(always)]
    fn scalar(&mut self, first: u8, at: usize) -> Behind {
        match first {
            b'"' => {
                // All quotes before this are taken: it is the next, and the one behind it ends the string.
                self.quotes.next(self.text)?;
                Ok(self.quotes.next(self.text)? + 1)
            }
            b'-' | b'0'..=b'9' => number(self.text, first, at),
            b't' => word(self.text, b"true", at),
            b'f' => word(self.text, b"false", at),
            b'n' => word(self.text, b"null", at),
            _ => Err(Unusual),
        }
    }
}

#[cold]
fn solid(text: &[u8], mut at: usize) -> Result<(u8, usize), Unusual> {
    loop {
        match *text.get(at).ok_or(Unusual)? {
            b' ' => at += 1,
            byte => return Ok((byte, at)),
        }
    }
}

#[inline(never)]
fn word(text: &[u8], word: &[u8], at: usize) -> Behind {
    let end = at + word.len();
    if text.get(at..end) == Some(word) { Ok(end) } else { Err(Unusual) }
}

/// A number that begins with a digit, read as well as checked.
#[inline(always)]
fn figure(text: &[u8], start: usize) -> Result<(Option<Figure>, usize), Unusual> {
    // What overflows is too long to count.
    let mut mantissa = 0_u64;
    let mut digits = |mut at: usize| {
        while let Some(digit @ b'0'..=b'9') = text.get(at) {
            mantissa = mantissa.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'));
            at += 1;
        }
        at
    };
    let mut end = digits(start);
    if text[start] == b'0' && end != start + 1 {
        return Err(Unusual);
    }
    let mut scale = 0;
    if text.get(end) == Some(&b'.') {
        let point = end;
        end = digits(point + 1);
        scale = end - point - 1;
        if scale == 0 {
            return Err(Unusual);
        }
    }
    let exponent = text.get(end).is_some_and(|byte| byte | 0x20 == b'e');
    if exponent || end - start > Figure::LIMIT {
        return Ok((None, number(text, text[start], start)?));
    }
    Ok((Some(Figure { mantissa, scale: scale as u32 }), end))
}

#[inline(always)]
fn number(text: &[u8], first: u8, at: usize) -> Behind {
    let peek = |at: usize| text.get(at).copied().unwrap_or_default();
    let mut end = match first {
        // What may follow a zero is seen to by whoever looks for the end of the element.
        b'0' => at + 1,
        b'1'..=b'9' => digits(text, at + 1),
        _ if peek(at + 1) == b'0' => at + 2,
        _ => some_digits(text, at + 1)?,
    };
    if peek(end) == b'.' {
        end = some_digits(text, end + 1)?;
    }
    if peek(end) | 0x20 == b'e' {
        let sign = matches!(peek(end + 1), b'+' | b'-');
        end = some_digits(text, end + 1 + usize::from(sign))?;
    }
    Ok(end)
}

#[inline(always)]
fn some_digits(text: &[u8], start: usize) -> Behind {
    let end = digits(text, start);
    if end > start { Ok(end) } else { Err(Unusual) }
}

#[inline(always)]
fn digits(text: &[u8], mut at: usize) -> usize {
    while let Some(b'0'..=b'9') = text.get(at) {
        at += 1;
    }
    at
}

/// Bytes that are looked at together.
const BLOCK: usize = 64;

/// Where the quotes are, found block by block.
struct Quotes {
    /// Those of the present block that were not given out yet, one bit for each byte.
    waiting: u64,
    /// Where the block after the present one begins.
    next: usize,
    /// Of all blocks so far.
    charset: Charset,
}

impl Quotes {
    #[inline(always)]
    fn new() -> Self {
        Self { waiting: 0, next: 0, charset: Charset::PrintableAscii }
    }

    /// The next one.
    #[inline(always)]
    fn next(&mut self, text: &[u8]) -> Result<usize, Unusual> {
        while self.waiting == 0 {
            let Look { quotes, kind } = look(text, self.next);
            match kind {
                BlockKind::PrintableAscii => {}
                BlockKind::Unicode => self.charset = Charset::Unicode,
                BlockKind::Unusual => return Err(Unusual),
            }
            self.waiting = quotes;
            self.next += BLOCK;
        }
        let at = self.next - BLOCK + self.waiting.trailing_zeros() as usize;
        self.waiting &= self.waiting - 1;
        Ok(at)
    }
}

/// What a block is made of. Two words: it travels in registers.
struct Look {
    quotes: u64,
    kind: BlockKind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum BlockKind {
    PrintableAscii,
    Unicode,
    /// It has an escape or a control character, or lies behind the end of the text.
    Unusual,
}

// Not inlined: there is one in front of every string, and all of them together have to stay in the processor's cache.
#[inline(never)]
fn look(text: &[u8], at: usize) -> Look {
    let rest = text.get(at..).unwrap_or_default();
    match rest.first_chunk() {
        Some(block) => look_at(block),
        None if rest.is_empty() => Look { quotes: 0, kind: BlockKind::Unusual },
        None => {
            let mut block = [b' '; BLOCK];
            block[..rest.len()].copy_from_slice(rest);
            look_at(&block)
        }
    }
}

#[inline]
fn look_at(block: &[u8; BLOCK]) -> Look {
    let (runs, _) = block.as_chunks::<16>();
    let (space, tilde) = (u8x16::splat(b' '), u8x16::splat(b'~'));
    let (mut quotes, mut escapes, mut lowest, mut highest) = (0, u8x16::ZERO, space, tilde);
    for (i, run) in runs.iter().enumerate() {
        let run = u8x16::new(*run);
        quotes |= u64::from(run.simd_eq(u8x16::splat(b'"')).to_bitmask()) << (16 * i);
        escapes |= run.simd_eq(u8x16::splat(b'\\'));
        lowest = lowest.min(run);
        highest = highest.max(run);
    }
    let usual = (!escapes & lowest.simd_eq(space)).to_bitmask() == 0xffff;
    let kind = match usual {
        true if highest == tilde => BlockKind::PrintableAscii,
        true => BlockKind::Unicode,
        false => BlockKind::Unusual,
    };
    Look { quotes, kind }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn quotes_are_found_wherever_they_are(text in "[a\"]{0,200}") {
            let mut quotes = Quotes::new();
            for (at, _) in text.match_indices('"') {
                prop_assert_eq!(quotes.next(text.as_bytes()), Ok(at));
            }
            prop_assert_eq!(quotes.next(text.as_bytes()), Err(Unusual));
        }

        #[test]
        fn a_block_with_an_escape_or_a_control_character_is_unusual(
            mut block in prop::collection::vec(any::<u8>(), BLOCK),
        ) {
            for byte in &mut block {
                *byte = (*byte).max(0x20);
            }
            let block: [u8; BLOCK] = block.try_into().unwrap();
            let plain = !block.contains(&b'\\');
            prop_assert_eq!(look_at(&block).kind != BlockKind::Unusual, plain);
            for (at, unusual) in [(0, b'\\'), (BLOCK - 1, 0x1f), (17, 0), (40, b'\n')] {
                let mut block = block;
                block[at] = unusual;
                prop_assert!(look_at(&block).kind == BlockKind::Unusual);
            }
        }
    }

    #[track_caller]
    fn check(json: &str, expected: Result<&[(&str, &str)], Unusual>) {
        let mut found = Vec::new();
        let text = |bytes| str::from_utf8(bytes).unwrap();
        let read = fields(json.as_bytes(), |key, raw| {
            found.push((text(key), text(raw.json())));
            Ok(())
        });
        assert_eq!(read.map(|_| found.as_slice()), expected, "{json}");
    }

    #[test]
    fn values_are_taken_as_they_stand() {
        check("{}", Ok(&[]));
        check(r#" { "a" : 1.50 , "b":[ ] } "#, Ok(&[("a", "1.50"), ("b", "[ ]")]));
        check(
            r#"{"a":{"b":[{},[[]],"]}",-0e+1]},"c":null,"a":true}"#,
            Ok(&[("a", r#"{"b":[{},[[]],"]}",-0e+1]}"#), ("c", "null"), ("a", "true")]),
        );
        let long = "x".repeat(3 * BLOCK);
        check(&format!(r#"{{"a":"{long}"}}"#), Ok(&[("a", &format!(r#""{long}""#))]));
    }

    #[test]
    fn the_charset_is_that_of_all_strings() {
        let long = "x".repeat(3 * BLOCK);
        for (text, expected) in
            [("~", Charset::PrintableAscii), ("\x7f", Charset::Unicode), ("é", Charset::Unicode)]
        {
            for json in [format!(r#"{{"a":"{text}{long}"}}"#), format!(r#"{{"{long}":"{text}"}}"#)]
            {
                assert_eq!(fields(json.as_bytes(), |_, _| Ok(())), Ok(expected), "{json}");
            }
        }
    }

    #[test]
    fn depth_has_a_limit() {
        let nested =
            |depth: usize| format!(r#"{{"a":{}{}}}"#, "[".repeat(depth), "]".repeat(depth));
        assert_eq!(
            fields(nested(DEPTH as usize).as_bytes(), |_, _| Ok(())),
            Ok(Charset::PrintableAscii)
        );
        assert_eq!(fields(nested(DEPTH as usize + 1).as_bytes(), |_, _| Ok(())), Err(Unusual));
    }

    #[test]
    fn what_is_no_json_is_unusual() {
        for json in [
            "",
            "{",
            "}",
            "{]",
            "[]",
            "{}x",
            "{} {}",
            r#"{"a"}"#,
            r#"{"a":}"#,
            r#"{"a":1,}"#,
            r#"{a:1}"#,
            r#"{"a":[}]}"#,
            r#"{"a":{]}}"#,
            r#"{"a":[1}"#,
            r#"{"a":{"b":1]}"#,
            r#"{"a":[1,]}"#,
            r#"{"a":"b}"#,
            r#"{"a":01}"#,
            r#"{"a":1.}"#,
            r#"{"a":.1}"#,
            r#"{"a":1e}"#,
            r#"{"a":-}"#,
            r#"{"a":tru}"#,
            r#"{"a" "b"}"#,
            r#"{"a":"b"c"}"#,
            r#"{"a":{"b"}}"#,
            r#"{"a":{1}}"#,
        ] {
            assert_eq!(fields(json.as_bytes(), |_, _| Ok(())), Err(Unusual), "{json}");
        }
    }
}
