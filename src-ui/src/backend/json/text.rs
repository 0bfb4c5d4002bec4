//! A JSON text that is read from its beginning to its end. Nothing here depends on what is read from it.

use std::borrow::Cow;

use super::Unreadable;

/// What is left of it.
pub(super) struct Text<'de> {
    rest: &'de str,
}

impl<'de> Text<'de> {
    pub(super) fn new(text: &'de str) -> Self {
        Self { rest: text }
    }

    /// What the next value or sign begins with; 0 at the end.
    pub(super) fn next(&mut self) -> u8 {
        self.take_while(|byte| matches!(byte, b' ' | b'\n' | b'\r' | b'\t'));
        self.rest.as_bytes().first().copied().unwrap_or(0)
    }

    /// Whether this sign comes next; if so, it is behind us.
    pub(super) fn has(&mut self, sign: u8) -> bool {
        let has = self.next() == sign;
        if has {
            self.take(1);
        }
        has
    }

    pub(super) fn expect(&mut self, sign: u8) -> Result<(), Unreadable> {
        if self.has(sign) { Ok(()) } else { Err(self.unexpected()) }
    }

    /// Whether this word comes next; if so, it is behind us.
    pub(super) fn has_word(&mut self, word: &str) -> bool {
        self.next();
        let has = self.rest.starts_with(word);
        if has {
            self.take(word.len());
        }
        has
    }

    /// Of a list or an object that ends with `close`: whether another of its members comes.
    pub(super) fn another(&mut self, close: u8, first: &mut bool) -> Result<bool, Unreadable> {
        if self.next() == close {
            return Ok(false);
        }
        if !std::mem::take(first) {
            self.expect(b',')?;
        }
        Ok(true)
    }

    /// The digits of a number, as they are written.
    pub(super) fn number(&mut self) -> &'de str {
        self.next();
        self.take_while(is_of_word)
    }

    pub(super) fn string(&mut self) -> Result<Cow<'de, str>, Unreadable> {
        self.expect(b'"')?;
        let mut text = Cow::Borrowed("");
        loop {
            let plain = self.take_while(|byte| byte != b'"' && byte != b'\\');
            if text.is_empty() {
                text = Cow::Borrowed(plain);
            } else {
                text.to_mut().push_str(plain);
            }
            if self.rest.starts_with('"') {
                self.take(1);
                return Ok(text);
            }
            let escaped = self.escaped().ok_or_else(|| self.unexpected())?;
            text.to_mut().push(escaped);
        }
    }

    /// What a backslash and the sign behind it stand for. `None` at the end of the text, too.
    fn escaped(&mut self) -> Option<char> {
        let sign = *self.rest.as_bytes().get(1).filter(|sign| sign.is_ascii())?;
        self.take(2);
        Some(match sign {
            b'n' => '\n',
            b't' => '\t',
            b'r' => '\r',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'"' | b'\\' | b'/' => char::from(sign),
            b'u' => {
                let mut code = self.unit()?;
                if (0xd800..0xdc00).contains(&code) && self.rest.starts_with("\\u") {
                    self.take(2);
                    // A half without its other half stands for nothing, and so does what it came with.
                    let low = self.unit()?.checked_sub(0xdc00).filter(|low| *low < 0x400);
                    code = low.map_or(code, |low| 0x1_0000 + ((code - 0xd800) << 10) + low);
                }
                char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
            }
            _ => return None,
        })
    }

    /// The four digits of a code unit.
    fn unit(&mut self) -> Option<u32> {
        let digits = self.rest.get(..4)?;
        self.take(4);
        u32::from_str_radix(digits, 16).ok()
    }

    /// The next value as it is written, whatever it is.
    pub(super) fn raw(&mut self) -> Result<&'de str, Unreadable> {
        self.next();
        let from = self.rest;
        let mut depth = 0_u32;
        loop {
            match self.next() {
                b'"' => drop(self.string()?),
                b'{' | b'[' => {
                    depth += 1;
                    self.take(1);
                    continue;
                }
                b'}' | b']' if depth > 0 => {
                    depth -= 1;
                    self.take(1);
                }
                b',' | b':' if depth > 0 => {
                    self.take(1);
                    continue;
                }
                _ => {
                    if self.take_while(is_of_word).is_empty() {
                        return Err(self.unexpected());
                    }
                }
            }
            if depth == 0 {
                return Ok(&from[..from.len() - self.rest.len()]);
            }
        }
    }

    pub(super) fn end(&mut self) -> Result<(), Unreadable> {
        self.next();
        if self.rest.is_empty() { Ok(()) } else { Err(self.unexpected()) }
    }

    /// Something else should stand here.
    pub(super) fn unexpected(&self) -> Unreadable {
        let here: String = self.rest.chars().take(20).collect();
        Unreadable::new(format!("something else was expected in place of `{here}`"))
    }

    /// Never ends within a character: all that is looked for here is ASCII.
    fn take_while(&mut self, is_of_it: impl Fn(u8) -> bool) -> &'de str {
        let bytes = self.rest.bytes().position(|byte| !is_of_it(byte));
        self.take(bytes.unwrap_or(self.rest.len()))
    }

    fn take(&mut self, bytes: usize) -> &'de str {
        let (taken, rest) = self.rest.split_at(bytes);
        self.rest = rest;
        taken
    }
}

/// A number, `true`, `false` or `null`.
fn is_of_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.')
}
