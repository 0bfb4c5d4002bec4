//! The pixels of the display.

use std::{collections::HashSet, path::Path};

use anyhow::{Context, Result, ensure};

use crate::{Desktop, processes::Session};

/// A picture of the display or a part of it, three bytes a pixel.
#[derive(Clone, PartialEq, Eq)]
pub struct Screen {
    width: usize,
    pixels: Vec<u8>,
}

impl std::fmt::Debug for Screen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Screen({}x{})", self.width, self.pixels.len() / 3 / self.width)
    }
}

impl Screen {
    /// The whole display.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn grab(desktop: &Desktop) -> Result<Self> {
        Self::grab_window(desktop.session(), "root")
    }

    /// A window without its frame.
    ///
    /// # Errors
    /// When it is gone.
    pub fn grab_window(session: &Session, id: &str) -> Result<Self> {
        Self::read(&session.bytes("import", &["-window", id, "-depth", "8", "ppm:-"])?)
    }

    /// A picture in a file of any kind.
    ///
    /// # Errors
    /// When there is none, or it is no picture.
    pub fn open(session: &Session, file: &Path) -> Result<Self> {
        let file = file.to_str().context("a path that is no text")?;
        // Colours that are fully transparent count as black.
        let args = [file, "-background", "black", "-flatten", "-depth", "8", "ppm:-"];
        Self::read(&session.bytes("convert", &args)?)
    }

    /// A PPM.
    fn read(picture: &[u8]) -> Result<Self> {
        // `P6`, width, height, 255, one white space, then the pixels.
        let mut fields = picture.splitn(4, u8::is_ascii_whitespace);
        ensure!(fields.next() == Some(b"P6"), "not a picture");
        let mut number = || -> Result<usize> {
            let text = std::str::from_utf8(fields.next().context("cut short")?)?;
            Ok(text.parse()?)
        };
        let (width, height) = (number()?, number()?);
        let size = width * height * 3;
        ensure!(picture.len() > size, "a picture cut short");
        Ok(Self { width, pixels: picture[picture.len() - size..].to_vec() })
    }

    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    #[must_use]
    pub fn height(&self) -> usize {
        self.pixels.len() / 3 / self.width.max(1)
    }

    /// Red, green and blue at a place that is within it; black beyond.
    #[must_use]
    pub fn pixel(&self, x: usize, y: usize) -> [u8; 3] {
        let at = (y * self.width + x) * 3;
        self.pixels.get(at..at + 3).map_or([0; 3], |bytes| [bytes[0], bytes[1], bytes[2]])
    }

    /// How many different colours there are.
    #[must_use]
    pub fn colors(&self) -> usize {
        self.pixels.chunks_exact(3).collect::<HashSet<_>>().len()
    }

    /// The mean of all bytes, 0 (black) to 255 (white).
    #[must_use]
    pub fn brightness(&self) -> u64 {
        let sum: u64 = self.pixels.iter().map(|byte| u64::from(*byte)).sum();
        sum / (self.pixels.len() as u64).max(1)
    }

    /// How many pixels have exactly this red, green and blue.
    #[must_use]
    pub fn count(&self, color: [u8; 3]) -> usize {
        self.pixels.chunks_exact(3).filter(|pixel| **pixel == color).count()
    }

    /// Which share of all pixels, 0 to 1, differ from `other`; all of them where the sizes do.
    #[must_use]
    pub fn difference(&self, other: &Self) -> f64 {
        if self.width != other.width || self.pixels.len() != other.pixels.len() {
            return 1.0;
        }
        let pairs = self.pixels.chunks_exact(3).zip(other.pixels.chunks_exact(3));
        let changed = pairs.filter(|(a, b)| a != b).count();
        changed as f64 / (self.pixels.len() / 3).max(1) as f64
    }

    /// How many pixels of the topmost `rows` differ from `other`.
    #[must_use]
    pub fn changed_in_top(&self, rows: usize, other: &Self) -> usize {
        let end = (rows * self.width * 3).min(self.pixels.len());
        let pairs = self.pixels[..end].chunks_exact(3).zip(other.pixels.chunks_exact(3));
        pairs.filter(|(a, b)| a != b).count()
    }
}
