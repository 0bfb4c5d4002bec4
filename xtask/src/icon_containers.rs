//! The two formats that hold an icon in several sizes. Both take whole PNG files, so nothing is decoded here.

/// A Windows icon of (pixels along a side, PNG), all at most 256 pixels.
///
/// A header of 6 bytes, a directory of 16 per image, then the images; little-endian.
pub(crate) fn ico(images: &[(u32, Vec<u8>)]) -> Vec<u8> {
    let count = u16::try_from(images.len()).expect("a handful of sizes");
    let mut file = Vec::new();
    file.extend([0u16, 1, count].map(u16::to_le_bytes).concat());
    let mut offset = 6 + 16 * images.len();
    for (size, png) in images {
        // 256 does not fit the byte and is written as 0.
        let side = u8::try_from(*size).unwrap_or(0);
        file.extend([side, side, 0, 0]);
        file.extend([1u16, 32].map(u16::to_le_bytes).concat()); // planes, bits per pixel
        file.extend([png.len(), offset].map(|n| length(n).to_le_bytes()).concat());
        offset += png.len();
    }
    file.extend(images.iter().flat_map(|(_, png)| png));
    file
}

/// A macOS icon of (type, PNG).
///
/// Chunks of type, length with its own 8 bytes, and contents, inside one such chunk; big-endian.
pub(crate) fn icns(images: &[(&[u8; 4], Vec<u8>)]) -> Vec<u8> {
    let chunk = |kind: &[u8; 4], contents: &[u8]| {
        [kind, &length(8 + contents.len()).to_be_bytes()[..], contents].concat()
    };
    let chunks: Vec<u8> = images.iter().flat_map(|(kind, png)| chunk(kind, png)).collect();
    chunk(b"icns", &chunks)
}

fn length(n: usize) -> u32 {
    u32::try_from(n).expect("icons are far below 4 GiB")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ico_directory_points_at_each_image() {
        let file = ico(&[(16, b"first".to_vec()), (256, b"second!".to_vec())]);
        assert_eq!(&file[..6], [0, 0, 1, 0, 2, 0]);
        for (entry, side, image) in [(6, 16, &b"first"[..]), (22, 0, b"second!")] {
            assert_eq!(file[entry], side);
            let number =
                |at: usize| u32::from_le_bytes(file[at..at + 4].try_into().unwrap()) as usize;
            let (size, offset) = (number(entry + 8), number(entry + 12));
            assert_eq!(&file[offset..offset + size], image);
        }
    }

    #[test]
    fn icns_lengths_count_their_own_headers() {
        let file = icns(&[(b"ic07", b"png".to_vec())]);
        assert_eq!(file, b"icns\0\0\0\x13ic07\0\0\0\x0bpng");
    }
}
