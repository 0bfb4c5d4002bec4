//! Messages as they are on the wire, made before the clock starts.

use std::fmt::Write;

/// How the two ends talk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    Plain,
    /// `vaultwatch.v1`: the same messages, each with its place in the log.
    V1,
}

impl Dialect {
    pub const BOTH: [Self; 2] = [Self::Plain, Self::V1];

    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::V1 => "v1",
        }
    }
}

/// Vault updates of about 180 bytes, with ids, as unmasked text frames one after the other.
#[derive(Debug)]
pub struct Frames {
    pub dialect: Dialect,
    bytes: Vec<u8>,
    /// Where each one ends.
    ends: Vec<usize>,
}

impl Frames {
    /// The log's head before the first of them.
    pub const OFFSET: u64 = 1_000_000;

    /// As many updates, going round the vaults.
    ///
    /// # Panics
    /// Never: the messages are smaller than 64 KiB.
    #[must_use]
    pub fn updates(dialect: Dialect, count: usize, vaults: usize) -> Self {
        let mut frames = Self {
            dialect,
            bytes: Vec::with_capacity(count * 220),
            ends: Vec::with_capacity(count),
        };
        let mut text = String::new();
        for i in 0..count {
            text.clear();
            update(&mut text, i, vaults);
            if dialect == Dialect::V1 {
                text.pop();
                let prev = Self::OFFSET + i as u64;
                let offset = prev + 1;
                // Into memory.
                let _ = write!(text, r#","offset":{offset},"prev":{prev}}}"#);
            }
            frames.push(&text);
        }
        frames
    }

    /// Texts of one's own.
    #[must_use]
    pub fn texts<T: AsRef<str>>(dialect: Dialect, texts: impl IntoIterator<Item = T>) -> Self {
        let mut frames = Self { dialect, bytes: Vec::new(), ends: Vec::new() };
        for text in texts {
            frames.push(text.as_ref());
        }
        frames
    }

    fn push(&mut self, text: &str) {
        frame(&mut self.bytes, text);
        self.ends.push(self.bytes.len());
    }

    #[must_use]
    pub fn count(&self) -> usize {
        self.ends.len()
    }

    /// The bytes of the messages from `from` up to `to`, or to the end if there are fewer.
    #[must_use]
    pub fn between(&self, from: usize, to: usize) -> &[u8] {
        let end = |count: usize| match count.min(self.ends.len()) {
            0 => 0,
            count => self.ends[count - 1],
        };
        &self.bytes[end(from)..end(to)]
    }

    /// Mean size of a frame.
    #[must_use]
    pub fn mean_bytes(&self) -> usize {
        self.bytes.len() / self.count().max(1)
    }
}

/// Appends one text message as a server frames it.
///
/// # Panics
/// When it is 64 KiB or more.
pub fn frame(bytes: &mut Vec<u8>, text: &str) {
    let length = u16::try_from(text.len()).expect("a small message");
    match u8::try_from(length) {
        Ok(short @ ..=125) => bytes.extend([0x81, short]),
        _ => {
            bytes.extend([0x81, 126]);
            bytes.extend(length.to_be_bytes());
        }
    }
    bytes.extend(text.as_bytes());
}

/// The LTV that update `i` tells: another one than the same vault's before it.
#[must_use]
pub fn ltv(i: usize, vaults: usize) -> f64 {
    40.0 + ((i + i / vaults * 7) % 400) as f64 / 25.0
}

fn update(text: &mut String, i: usize, vaults: usize) {
    let vault = i % vaults;
    let ltv = ltv(i, vaults);
    // Into memory.
    let _ = write!(
        text,
        r#"{{"type":"vault_update_ETH-{vault:04}","data":{{"ltv":{ltv:.2},"maxLTV":80,"liquidationThreshold":82.5,"healthFactor":{:.3},"status":"ACTIVE"}},"timestamp":{},"id":"m-{i:08}"}}"#,
        82.5 / ltv,
        1_763_800_000_000_u64 + i as u64,
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_whole_messages() {
        let frames = Frames::updates(Dialect::Plain, 10, 3);
        let parts = [frames.between(0, 4), frames.between(4, 4), frames.between(4, 99)].concat();
        assert_eq!(parts, frames.bytes);
        assert_eq!(frames.between(4, 5)[..2], [0x81, 126]);
    }

    #[test]
    fn positions_follow_each_other() {
        let frames = Frames::updates(Dialect::V1, 2, 1);
        let second: serde_json::Value = serde_json::from_slice(&frames.between(1, 2)[4..]).unwrap();
        assert_eq!(second["prev"], Frames::OFFSET + 1);
        assert_eq!(second["offset"], Frames::OFFSET + 2);
        assert_eq!(second["id"], "m-00000001");
    }

    #[test]
    fn they_are_of_the_size_that_the_bars_are_about() {
        assert_eq!(Frames::updates(Dialect::Plain, 1_000, 100).mean_bytes(), 180);
    }

    #[test]
    fn short_messages_have_short_heads() {
        let frames = Frames::texts(Dialect::Plain, ["{}"]);
        assert_eq!(frames.between(0, 1), [0x81, 2, b'{', b'}']);
    }
}
