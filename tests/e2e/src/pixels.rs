//! The pixels of the display, read from the file that the server keeps them in: quick enough to see when something is
//! drawn. [`Screen`](crate::screen::Screen) is what everybody else sees.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

/// One row in so many is looked at.
const EACH: usize = 4;
/// Between two looks.
const LOOK: Duration = Duration::from_millis(3);

/// The display of a server that writes 32 bits a pixel, the lowest byte first.
#[derive(Debug)]
pub struct Pixels {
    file: File,
    /// Where the first row begins, in bytes.
    begin: u64,
    row_bytes: usize,
    rows: usize,
}

impl Pixels {
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).with_context(|| path.display().to_string())?;
        // The head of an X window dump: 25 numbers, the highest byte first.
        let mut head = [0; 100];
        file.read_exact_at(&mut head, 0)?;
        let field = |number: usize| -> Result<usize> {
            let bytes = head[4 * number..4 * number + 4].try_into()?;
            Ok(u32::from_be_bytes(bytes) as usize)
        };
        let (head_bytes, colours) = (field(0)?, field(19)?);
        ensure!(field(1)? == 7 && field(11)? == 32, "not a dump of 32 bits a pixel");
        Ok(Self {
            file,
            begin: (head_bytes + 12 * colours) as u64,
            row_bytes: field(12)?,
            rows: field(5)?,
        })
    }

    /// How many pixels have exactly one of these colours (red, green, blue), in every fourth row.
    ///
    /// # Errors
    /// When the server is gone.
    pub fn count(&self, colours: &[[u8; 3]]) -> Result<usize> {
        let mut row = vec![0; self.row_bytes];
        let mut count = 0;
        for number in (0..self.rows).step_by(EACH) {
            self.file.read_exact_at(&mut row, self.begin + (number * self.row_bytes) as u64)?;
            let (pixels, _) = row.as_chunks::<4>();
            count += pixels
                .iter()
                .filter(|[blue, green, red, _]| colours.contains(&[*red, *green, *blue]))
                .count();
        }
        Ok(count)
    }

    /// The time from `begun` until so many pixels have one of these colours.
    ///
    /// # Errors
    /// When they have not within `limit`.
    pub fn until(
        &self,
        begun: Instant,
        colours: &[[u8; 3]],
        most: usize,
        limit: Duration,
    ) -> Result<Duration> {
        loop {
            let count = self.count(colours)?;
            let passed = begun.elapsed();
            if count >= most {
                return Ok(passed);
            }
            if passed > limit {
                bail!("after {limit:?} {count} pixels have one of the colours {colours:?}");
            }
            std::thread::sleep(LOOK);
        }
    }
}
