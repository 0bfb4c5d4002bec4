//! Counting the frames of a server without looking into them: who measures what a server sends must cost less than it.

/// What goes by, frame by frame, however the bytes are cut.
#[derive(Clone, Debug, Default)]
pub struct Counter {
    /// Of the frame that goes by, what is still to come.
    left: u64,
    head: [u8; 10],
    /// Bytes of the next frame's head that are there.
    have: usize,
}

/// What a frame is, as its first byte says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// Text or binary.
    Message,
    Ping,
    Close,
    /// A pong, or a part of something.
    Other,
}

impl Counter {
    /// Tells of each frame whose head is complete with these bytes.
    pub fn feed(&mut self, mut bytes: &[u8], mut seen: impl FnMut(Seen)) {
        while !bytes.is_empty() {
            if self.left > 0 {
                let passed = bytes.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
                self.left -= passed as u64;
                bytes = &bytes[passed..];
                continue;
            }
            self.head[self.have] = bytes[0];
            self.have += 1;
            bytes = &bytes[1..];
            if let Some(length) = self.length() {
                self.have = 0;
                self.left = length;
                seen(match self.head[0] {
                    0x81 | 0x82 => Seen::Message,
                    0x88 => Seen::Close,
                    0x89 => Seen::Ping,
                    _ => Seen::Other,
                });
            }
        }
    }

    /// Of the payload, once all of the head is there. A server does not mask.
    fn length(&self) -> Option<u64> {
        let short = u64::from(self.head[1] & 0x7f);
        match (short, self.have) {
            (_, 0 | 1) => None,
            (126, 4..) => Some(u64::from(u16::from_be_bytes([self.head[2], self.head[3]]))),
            (127, 10..) => {
                let long = self.head[2..].try_into().expect("eight of ten bytes");
                Some(u64::from_be_bytes(long))
            }
            (126 | 127, _) => None,
            (short, _) => Some(short),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frames::frame;

    #[test]
    fn however_the_bytes_are_cut() {
        let mut bytes = vec![0x89, 0];
        frame(&mut bytes, "short");
        frame(&mut bytes, &"x".repeat(300));
        bytes.extend([0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0]);
        bytes.extend(vec![0x88; 65_536]);
        bytes.extend([0x88, 2, 3, 0xe8]);
        let expected = [Seen::Ping, Seen::Message, Seen::Message, Seen::Message, Seen::Close];
        for size in [1, 2, 3, 7, 1_000, bytes.len()] {
            let (mut counter, mut seen) = (Counter::default(), Vec::new());
            bytes.chunks(size).for_each(|chunk| counter.feed(chunk, |frame| seen.push(frame)));
            assert_eq!(seen, expected, "{size}");
        }
    }
}
