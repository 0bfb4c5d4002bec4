use std::io::{self, Read};

use bytes::Bytes;
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};

use crate::control::Codec;
use crate::{Invalid, InvalidKind, Message, Place};

/// A smaller message gains nothing: what it saves is less than what the header and the effort cost.
pub const COMPRESS_FROM: usize = 1_024;
/// Codec, offset and prev.
pub const COMPRESSED_HEADER: usize = 17;
/// The largest window a zstd frame may ask for, as a power of two: 8 MiB, what RFC 8878 wants every decoder to
/// support. A frame that names more would have the receiver reserve it.
const WINDOW_LOG: u32 = 23;
/// Zstd's fast side: a message is compressed while its readers wait.
const ZSTD_LEVEL: i32 = 3;

/// An envelope that was compressed once, for all the readers who get it.
///
/// ```
/// # use wire::{Compressed, Place, control::Codec};
/// let text = format!(r#"{{"type":"note","data":"{}","timestamp":1}}"#, "a".repeat(2_000));
/// let compressed = Compressed::new(Codec::Zstd, &text).expect("so much of the same gets smaller");
/// let place = Place::Log { offset: 8, prev: 7 };
/// let message = Compressed::open(&compressed.frame(Some(place)), 1 << 20)?;
/// assert_eq!((message.ty(), message.place), ("note", Some(place)));
/// # Ok::<(), wire::Invalid>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compressed {
    codec: Codec,
    body: Bytes,
}

impl Compressed {
    /// Compresses the text of an envelope that has neither `offset` nor `prev`; a snapshot's `"snapshot":true` stays
    /// within. `None` when it is shorter than [`COMPRESS_FROM`] or does not get smaller: then it goes as text.
    #[must_use]
    pub fn new(codec: Codec, text: &str) -> Option<Self> {
        if text.len() < COMPRESS_FROM {
            return None;
        }
        let body = match codec {
            Codec::Deflate => deflate(text.as_bytes()),
            Codec::Zstd => zstd::bulk::compress(text.as_bytes(), ZSTD_LEVEL).ok()?,
        };
        let is_smaller = body.len() + COMPRESSED_HEADER < text.len();
        is_smaller.then(|| Self { codec, body: body.into() })
    }

    #[must_use]
    pub fn codec(&self) -> Codec {
        self.codec
    }

    /// The binary frame for one reader, whose `prev` is its own.
    #[must_use]
    pub fn frame(&self, place: Option<Place>) -> Bytes {
        let (offset, prev) = match place {
            Some(Place::Log { offset, prev }) => (offset, prev),
            Some(Place::Snapshot { offset }) => (offset, 0),
            None => (0, 0),
        };
        let mut frame = Vec::with_capacity(COMPRESSED_HEADER + self.body.len());
        frame.push(match self.codec {
            Codec::Deflate => 1,
            Codec::Zstd => 2,
        });
        frame.extend_from_slice(&offset.to_be_bytes());
        frame.extend_from_slice(&prev.to_be_bytes());
        frame.extend_from_slice(&self.body);
        frame.into()
    }

    /// Reads a binary frame. No more than `limit` bytes are ever inflated, however much the frame promises.
    ///
    /// # Errors
    /// [`InvalidKind::Compressed`] when the header is cut short, the codec unknown, the body broken, cut short, too
    /// long or followed by something; whatever is wrong with the envelope within.
    pub fn open(frame: &Bytes, limit: usize) -> Result<Message, Invalid> {
        let fault = |reason: String| Invalid::new(InvalidKind::Compressed, reason, frame);
        let Some((header, body)) = frame.split_first_chunk::<COMPRESSED_HEADER>() else {
            return Err(fault(format!("has {} bytes, its header alone takes 17", frame.len())));
        };
        let number = |at: usize| {
            u64::from_be_bytes(header[at..at + 8].try_into().expect("eight of seventeen bytes"))
        };
        // The place is written in front, where the parser finds it as in any other envelope.
        let mut text = match (number(1), number(9)) {
            (0, _) => b"{".to_vec(),
            (offset, prev) => format!(r#"{{"offset":{offset},"prev":{prev},"#).into_bytes(),
        };
        let start = text.len();
        match header[0] {
            1 => inflate(body, limit, &mut text),
            2 => unzstd(body, limit, &mut text),
            other => return Err(fault(format!("has the codec {other}, which nobody knows"))),
        }
        .map_err(|broken| fault(broken.reason(limit)))?;
        if text.get(start) != Some(&b'{') {
            let sample = text.get(start..).unwrap_or_default();
            let reason = "a message must be a JSON object";
            return Err(Invalid::new(InvalidKind::NotObject, reason, sample));
        }
        text.remove(start);
        let text = String::from_utf8(text).map_err(|error| {
            let reason = "compressed text that is not UTF-8";
            Invalid::new(InvalidKind::NotText, reason, error.as_bytes())
        })?;
        Message::parse(text)
    }
}

/// Why a body did not inflate.
#[derive(Debug)]
enum Broken {
    TooLong,
    Truncated,
    Trailing(usize),
    Corrupt(String),
}

impl Broken {
    fn reason(&self, limit: usize) -> String {
        match self {
            Self::TooLong => format!("inflates to more than the {limit} bytes that are allowed"),
            Self::Truncated => "is cut short".to_owned(),
            Self::Trailing(bytes) => format!("is followed by {bytes} bytes that belong to nothing"),
            Self::Corrupt(what) => format!("does not inflate: {what}"),
        }
    }
}

fn deflate(text: &[u8]) -> Vec<u8> {
    let mut zlib = Compress::new(Compression::default(), true);
    // What does not fit was not worth it: the caller compares the sizes and finds it as long as the text.
    let mut body = Vec::with_capacity(text.len());
    match zlib.compress_vec(text, &mut body, FlushCompress::Finish) {
        Ok(Status::StreamEnd) => body,
        Ok(Status::Ok | Status::BufError) | Err(_) => text.to_vec(),
    }
}

fn inflate(body: &[u8], limit: usize, text: &mut Vec<u8>) -> Result<(), Broken> {
    let mut zlib = Decompress::new(true);
    let start = text.len();
    loop {
        let (read, written) = (zlib.total_in(), text.len());
        if written - start > limit {
            return Err(Broken::TooLong);
        }
        let room = (4 * body.len()).clamp(1_024, 64 * 1_024);
        text.reserve_exact(room.min(limit + 1 - (written - start)));
        let rest = &body[usize::try_from(read).expect("no more than the body was read")..];
        let status = zlib
            .decompress_vec(rest, text, FlushDecompress::None)
            .map_err(|error| Broken::Corrupt(error.to_string()))?;
        let consumed = zlib.total_in();
        match status {
            Status::StreamEnd if text.len() - start > limit => return Err(Broken::TooLong),
            Status::StreamEnd => {
                let rest = body.len() - usize::try_from(consumed).unwrap_or(body.len());
                return if rest == 0 { Ok(()) } else { Err(Broken::Trailing(rest)) };
            }
            Status::Ok | Status::BufError if consumed == read && text.len() == written => {
                return Err(Broken::Truncated);
            }
            Status::Ok | Status::BufError => {}
        }
    }
}

fn unzstd(body: &[u8], limit: usize, text: &mut Vec<u8>) -> Result<(), Broken> {
    let broken = |error: io::Error| match error.kind() {
        io::ErrorKind::UnexpectedEof => Broken::Truncated,
        _ => Broken::Corrupt(error.to_string()),
    };
    let mut decoder = zstd::Decoder::with_buffer(body).map_err(broken)?.single_frame();
    decoder.window_log_max(WINDOW_LOG).map_err(broken)?;
    let bound = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    let inflated = (&mut decoder).take(bound).read_to_end(text).map_err(broken)?;
    if inflated > limit {
        return Err(Broken::TooLong);
    }
    match decoder.finish().len() {
        0 => Ok(()),
        rest => Err(Broken::Trailing(rest)),
    }
}
