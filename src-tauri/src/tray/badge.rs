//! A number in the lower right corner of a square picture.

/// Columns and rows of a digit.
const GLYPH: (u32, u32) = (3, 5);
/// The digits, a row after the other, the left column in the highest of three bits.
const DIGITS: [[u8; 5]; 10] = [
    [0b111, 0b101, 0b101, 0b101, 0b111],
    [0b010, 0b110, 0b010, 0b010, 0b111],
    [0b111, 0b001, 0b111, 0b100, 0b111],
    [0b111, 0b001, 0b111, 0b001, 0b111],
    [0b101, 0b101, 0b111, 0b001, 0b001],
    [0b111, 0b100, 0b111, 0b001, 0b111],
    [0b111, 0b100, 0b111, 0b101, 0b111],
    [0b111, 0b001, 0b010, 0b010, 0b010],
    [0b111, 0b101, 0b111, 0b101, 0b111],
    [0b111, 0b101, 0b111, 0b001, 0b111],
];
/// There is room for no more; the tooltip has the number.
const MOST: u32 = 99;

const PAPER: [u8; 4] = [0xff, 0xff, 0xff, 0xff];
const INK: [u8; 4] = [0x0d, 0x10, 0x14, 0xff];

/// Draws the number over a square picture of RGBA pixels, `size` wide.
pub(super) fn draw(rgba: &mut [u8], size: u32, number: u32) {
    let digits: Vec<usize> =
        number.min(MOST).to_string().bytes().map(|digit| usize::from(digit - b'0')).collect();
    let count = u32::try_from(digits.len()).unwrap_or(2);
    // Two digits take two thirds of the width.
    let dot = (size / 11).max(1);
    let (width, height) = ((count * (GLYPH.0 + 1) + 1) * dot, (GLYPH.1 + 2) * dot);
    let (left, top) = (size.saturating_sub(width), size.saturating_sub(height));
    for y in top..size {
        for x in left..size {
            let (column, row) = ((x - left) / dot, (y - top) / dot);
            let ink = row >= 1 && is_ink(&digits, column, row - 1);
            set(rgba, size, (x, y), if ink { INK } else { PAPER });
        }
    }
}

fn is_ink(digits: &[usize], column: u32, row: u32) -> bool {
    // A blank column before each digit.
    let (digit, within) = (column / (GLYPH.0 + 1), column % (GLYPH.0 + 1));
    let glyph = digits.get(digit as usize).and_then(|digit| DIGITS.get(*digit));
    let bits = glyph.and_then(|glyph| glyph.get(row as usize));
    within >= 1 && bits.is_some_and(|bits| bits >> (GLYPH.0 - within) & 1 == 1)
}

fn set(rgba: &mut [u8], size: u32, (x, y): (u32, u32), colour: [u8; 4]) {
    let at = 4 * (y * size + x) as usize;
    if let Some(pixel) = rgba.get_mut(at..at + 4) {
        pixel.copy_from_slice(&colour);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As it looks: `#` ink, `.` paper, blank where the picture is left alone.
    fn drawn(size: u32, number: u32) -> Vec<String> {
        let mut rgba = vec![0; (size * size * 4) as usize];
        draw(&mut rgba, size, number);
        let look = |pixel: &[u8]| match pixel {
            pixel if pixel == INK => '#',
            pixel if pixel == PAPER => '.',
            _ => ' ',
        };
        let rows = rgba.chunks((size * 4) as usize);
        rows.map(|row| row.chunks(4).map(look).collect::<String>().trim_start().to_owned())
            .filter(|row| !row.is_empty())
            .collect()
    }

    #[test]
    fn digits_can_be_read() {
        assert_eq!(drawn(11, 7), [".....", ".###.", "...#.", "..#..", "..#..", "..#..", "....."]);
        assert_eq!(
            drawn(11, 12),
            [
                ".........",
                "..#..###.",
                ".##....#.",
                "..#..###.",
                "..#..#...",
                ".###.###.",
                ".........",
            ]
        );
        assert_eq!(drawn(11, 1_000), drawn(11, 99));
        assert_eq!(drawn(22, 12).len(), 14);
    }
}
