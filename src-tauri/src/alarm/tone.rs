//! The tone: three times up and down, loud enough to wake somebody, with soft edges so that it does not crack.

use std::f64::consts::TAU;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::private;

/// Samples a second, of 16 bits, on one channel.
const RATE: u32 = 22_050;
/// Frequencies in Hz and lengths in milliseconds; 0 Hz is silence.
const NOTES: [(f64, u32); 12] = [
    (880.0, 220),
    (660.0, 220),
    (0.0, 60),
    (880.0, 220),
    (660.0, 220),
    (0.0, 60),
    (880.0, 220),
    (660.0, 220),
    (0.0, 60),
    (987.77, 180),
    (987.77, 180),
    (0.0, 140),
];
/// Of the loudest there is.
const LOUDNESS: f64 = 0.7;
/// Milliseconds in which a note swells, and in which it fades.
const EDGE: u32 = 12;

/// The tone's file in that folder, written where it is missing or another one.
pub(super) fn file_in(folder: &Path) -> std::io::Result<PathBuf> {
    let (path, sound) = (folder.join("alarm.wav"), wav());
    if std::fs::read(&path).is_ok_and(|there| there == sound) {
        return Ok(path);
    }
    private::make_folder(folder)?;
    private::options().write(true).create(true).truncate(true).open(&path)?.write_all(&sound)?;
    Ok(path)
}

/// A WAV file, complete.
fn wav() -> Vec<u8> {
    let samples = samples();
    let bytes = u32::try_from(2 * samples.len()).expect("two seconds are less than 4 GB");
    let mut file = Vec::with_capacity(44 + 2 * samples.len());
    file.extend(b"RIFF");
    file.extend((36 + bytes).to_le_bytes());
    file.extend(b"WAVEfmt ");
    file.extend(16_u32.to_le_bytes());
    // Plain samples, one channel.
    file.extend(1_u16.to_le_bytes());
    file.extend(1_u16.to_le_bytes());
    file.extend(RATE.to_le_bytes());
    file.extend((2 * RATE).to_le_bytes());
    // Bytes and bits of a sample.
    file.extend(2_u16.to_le_bytes());
    file.extend(16_u16.to_le_bytes());
    file.extend(b"data");
    file.extend(bytes.to_le_bytes());
    file.extend(samples.into_iter().flat_map(i16::to_le_bytes));
    file
}

fn samples() -> Vec<i16> {
    let count = |millis: u32| RATE * millis / 1_000;
    let note = |(frequency, millis): (f64, u32)| {
        let (all, edge) = (count(millis), f64::from(count(EDGE)));
        (0..all).map(move |n| {
            let swell = (f64::from(n.min(all - 1 - n)) / edge).min(1.0);
            let turn = TAU * frequency * f64::from(n) / f64::from(RATE);
            // The octave above gives it an edge that small speakers can play.
            let wave = 0.75 * turn.sin() + 0.25 * (2.0 * turn).sin();
            #[expect(clippy::cast_possible_truncation, reason = "within ±0.7 of the range")]
            let sample = (wave * swell * LOUDNESS * f64::from(i16::MAX)) as i16;
            sample
        })
    };
    NOTES.into_iter().flat_map(note).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_a_loud_wav_of_two_seconds() {
        let file = wav();
        assert_eq!((&file[..4], &file[8..16]), (&b"RIFF"[..], &b"WAVEfmt "[..]));
        let word = |at: usize| u32::from_le_bytes(file[at..at + 4].try_into().unwrap());
        assert_eq!(word(4) as usize, file.len() - 8);
        assert_eq!(word(40) as usize, file.len() - 44);
        assert_eq!(word(28), 2 * word(24));
        let seconds = f64::from(word(40)) / f64::from(word(28));
        assert!((1.9..2.1).contains(&seconds), "{seconds}");
        let samples = samples();
        let loudest = samples.iter().map(|sample| sample.unsigned_abs()).max().unwrap();
        assert!((16_000..32_000).contains(&loudest), "{loudest}");
        let steepest = samples.windows(2).map(|pair| pair[0].abs_diff(pair[1])).max().unwrap();
        assert!(steepest < 9_000, "it cracks: {steepest}");
        assert_eq!((samples[0], samples[samples.len() - 1]), (0, 0));
    }

    #[test]
    fn the_file_is_written_once_and_mended() {
        let folder = tempfile::tempdir().unwrap();
        let path = file_in(&folder.path().join("new")).unwrap();
        let written = std::fs::metadata(&path).unwrap().modified().unwrap();
        assert_eq!(file_in(&folder.path().join("new")).unwrap(), path);
        assert_eq!(std::fs::metadata(&path).unwrap().modified().unwrap(), written);
        std::fs::write(&path, "damaged").unwrap();
        file_in(&folder.path().join("new")).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), wav());
    }
}
