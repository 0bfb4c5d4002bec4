//! Whether two pictures look the same to a person.
//!
//! They are compared in blocks, by the mean colour of each: letters that are drawn a little otherwise by another version of
//! the browser leave it as it is, while a line that moved, a colour that changed, or a part that is missing does not.

use crate::screen::Screen;

/// Pixels of a block's side.
const BLOCK: usize = 8;
/// A block that differs by more is another one. In the units of CIE 76: about 2 is just seen side by side.
const SEEN: f64 = 4.0;
/// Of all blocks, as many may be others, in parts of a thousand: a caret, a rounding at an edge.
const ALLOWED: f64 = 2.0;

/// How far two pictures are apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// Blocks that look otherwise, in parts of a thousand.
    pub blocks: f64,
    /// The colour distance of the worst one.
    pub worst: f64,
    /// Where that is, in pixels from the left and the top.
    pub at: (usize, usize),
}

impl Difference {
    /// Whether a person would take one for the other.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.blocks <= ALLOWED
    }
}

/// `None`: they have other sizes.
#[must_use]
pub fn difference(a: &Screen, b: &Screen) -> Option<Difference> {
    if (a.width(), a.height()) != (b.width(), b.height()) {
        return None;
    }
    let (mut others, mut all) = (0usize, 0usize);
    let mut difference = Difference { blocks: 0.0, worst: 0.0, at: (0, 0) };
    for y in (0..a.height()).step_by(BLOCK) {
        for x in (0..a.width()).step_by(BLOCK) {
            let distance = distance(mean(a, x, y), mean(b, x, y));
            all += 1;
            others += usize::from(distance > SEEN);
            if distance > difference.worst {
                difference.worst = distance;
                difference.at = (x, y);
            }
        }
    }
    difference.blocks = others as f64 * 1_000.0 / all.max(1) as f64;
    Some(difference)
}

/// The mean of a block, as lightness and two colour axes.
fn mean(screen: &Screen, left: usize, top: usize) -> [f64; 3] {
    let mut sum = [0.0; 3];
    let mut count = 0.0;
    for y in top..(top + BLOCK).min(screen.height()) {
        for x in left..(left + BLOCK).min(screen.width()) {
            let pixel = screen.pixel(x, y);
            for (sum, byte) in sum.iter_mut().zip(pixel) {
                *sum += linear(byte);
            }
            count += 1.0;
        }
    }
    lab(sum.map(|sum| sum / f64::max(count, 1.0)))
}

fn distance(a: [f64; 3], b: [f64; 3]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt()
}

/// From the screen's own scale to light (IEC 61966-2-1).
fn linear(byte: u8) -> f64 {
    let share = f64::from(byte) / 255.0;
    if share <= 0.040_45 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
}

/// From light in red, green and blue to CIE L*a*b*, white being D65.
fn lab([red, green, blue]: [f64; 3]) -> [f64; 3] {
    let x = (0.412_456 * red + 0.357_576 * green + 0.180_437 * blue) / 0.950_47;
    let y = 0.212_673 * red + 0.715_152 * green + 0.072_175 * blue;
    let z = (0.019_334 * red + 0.119_192 * green + 0.950_304 * blue) / 1.088_83;
    let [x, y, z] = [x, y, z]
        .map(|value| if value > 0.008_856 { value.cbrt() } else { 7.787 * value + 16.0 / 116.0 });
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}
