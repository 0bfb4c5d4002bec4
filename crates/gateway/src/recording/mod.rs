//! Traffic on record: a file of one envelope per line, each with `at`, the milliseconds from the start of the
//! recording to its arrival. The first line is an envelope, too, of type `recording`, so that whatever reads NDJSON of
//! envelopes reads a recording.

mod header;
mod line;
mod read;
mod write;

pub use header::Header;
pub use line::{BadLine, LineFault};
pub use read::{Recording, RecordingError};
pub use write::{Writer, redacted};

pub(crate) use read::Reader;
