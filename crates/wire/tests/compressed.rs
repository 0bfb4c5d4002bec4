//! Binary frames: what other implementations made is read, what is made here is read by them, and nothing a sender
//! may put into one costs more than the limit.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::io::Write;
use std::process::{Command, Stdio};

use bytes::Bytes;
use proptest::prelude::*;
use wire::control::Codec;
use wire::{COMPRESS_FROM, COMPRESSED_HEADER, Compressed, InvalidKind, Message, Place, UnixMillis};

const LIMIT: usize = 1 << 20;
const LOG: Place = Place::Log { offset: 8, prev: 7 };

/// The envelope within both of the fixed vectors.
fn text() -> String {
    format!(r#"{{"type":"note","data":"{}","timestamp":1}}"#, "ab".repeat(600))
}

fn envelope(data: &str) -> String {
    Message::new("note", &data, UnixMillis(1), Some("x")).unwrap().to_json()
}

fn bytes(hex: &str) -> Bytes {
    (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap()).collect()
}

fn kind(frame: impl Into<Bytes>, limit: usize) -> InvalidKind {
    Compressed::open(&frame.into(), limit).unwrap_err().kind
}

/// Runs a line of Python's zlib over bytes: a decoder and encoder that share no code with ours.
fn python(line: &str, input: &[u8]) -> Vec<u8> {
    let script =
        format!("import sys,zlib\nb=sys.stdin.buffer.read()\nsys.stdout.buffer.write(zlib.{line})");
    let mut python = Command::new("python3")
        .args(["-c", &script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 has to be on the machine for this test");
    python.stdin.take().unwrap().write_all(input).unwrap();
    let output = python.wait_with_output().unwrap();
    assert!(output.status.success());
    output.stdout
}

#[test]
fn what_zlib_and_zstd_themselves_made_is_read() {
    // `zlib.compress(text, 9)` of Python 3.11; `zstd -19`, with its checksum.
    let vectors = [
        "010000000000000008000000000000000778daab562aa92c4855b252cacb2f4955d2514a492c4904f2129346e1281c85a370684060\
         c95592999b5a5c92985ba06465580b002cb5d581",
        "020000000000000008000000000000000728b52ffd04687d010092820911b0a903c4e5484246398aa19ce083298f0a0bdc87605192d1ed80df5814db5953bef3a4ae020100add2efc672393130",
    ];
    for vector in vectors {
        let message = Compressed::open(&bytes(vector), LIMIT).unwrap();
        assert_eq!(message.to_json(), text());
        assert_eq!(message.place, Some(LOG));
    }
}

#[test]
fn pythons_zlib_reads_ours_and_we_read_its() {
    let text = envelope(&"The quick brown fox. ".repeat(200));
    let ours = Compressed::new(Codec::Deflate, &text).unwrap().frame(Some(LOG));
    assert_eq!(python("decompress(b)", &ours[COMPRESSED_HEADER..]), text.as_bytes());
    for level in [0, 1, 6, 9] {
        let body = python(&format!("compress(b,{level})"), text.as_bytes());
        let theirs = [&ours[..COMPRESSED_HEADER], &body].concat();
        assert_eq!(Compressed::open(&theirs.into(), LIMIT).unwrap().to_json(), text);
    }
}

#[test]
fn every_place_survives() {
    let plain = envelope(&"a".repeat(COMPRESS_FROM));
    let snapshot = plain.replacen('{', r#"{"snapshot":true,"#, 1);
    for codec in [Codec::Deflate, Codec::Zstd] {
        for (text, place) in [
            (&plain, Some(LOG)),
            (&plain, Some(Place::Log { offset: u64::MAX, prev: 0 })),
            (&snapshot, Some(Place::Snapshot { offset: 5 })),
            (&plain, None),
        ] {
            let frame = Compressed::new(codec, text).unwrap().frame(place);
            assert!(frame.len() < text.len());
            let message = Compressed::open(&frame, LIMIT).unwrap();
            assert_eq!((message.place, message.to_json()), (place, plain.clone()));
        }
    }
}

#[test]
fn what_gains_nothing_stays_text() {
    let short = envelope(&"a".repeat(900));
    assert!(short.len() < COMPRESS_FROM);
    let noise: String =
        (0..4_000_u32).map(|i| char::from(b'!' + (i.wrapping_mul(i) % 89) as u8)).collect();
    for codec in [Codec::Deflate, Codec::Zstd] {
        assert_eq!(Compressed::new(codec, &short), None);
    }
    // A text without any repetition: random characters do get smaller, being from a small set; raw chaos does not.
    let mut rng = 1_u64;
    let chaos: String = (0..2_000)
        .map(|_| {
            rng = rng.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            char::from_u32(0x4e00 + (rng >> 33) as u32 % 0x5000).unwrap()
        })
        .collect();
    for codec in [Codec::Deflate, Codec::Zstd] {
        if let Some(compressed) = Compressed::new(codec, &chaos) {
            assert!(compressed.frame(None).len() < chaos.len());
        }
        assert!(Compressed::new(codec, &noise).is_some());
    }
}

#[test]
fn a_bomb_goes_off_at_the_limit() {
    let text = envelope(&"0".repeat(64 << 20));
    for codec in [Codec::Deflate, Codec::Zstd] {
        let frame = Compressed::new(codec, &text).unwrap().frame(Some(LOG));
        assert!(frame.len() < 100_000, "{}", frame.len());
        let invalid = Compressed::open(&frame, LIMIT).unwrap_err();
        assert_eq!(invalid.kind, InvalidKind::Compressed);
        assert!(invalid.reason.contains("1048576"), "{invalid}");
    }
    // Exactly the limit is allowed, one byte less is not.
    let text = envelope(&"0".repeat(100_000));
    for codec in [Codec::Deflate, Codec::Zstd] {
        let frame = Compressed::new(codec, &text).unwrap().frame(Some(LOG));
        assert!(Compressed::open(&frame, text.len()).is_ok());
        assert_eq!(kind(frame, text.len() - 1), InvalidKind::Compressed);
    }
}

#[test]
fn each_way_to_break_a_frame_is_told() {
    let text = text();
    for codec in [Codec::Deflate, Codec::Zstd] {
        let frame = Compressed::new(codec, &text).unwrap().frame(Some(LOG));
        for cut in 0..frame.len() {
            assert_eq!(kind(frame.slice(..cut), LIMIT), InvalidKind::Compressed, "{cut}");
        }
        let longer = [&frame[..], b"x"].concat();
        assert_eq!(kind(longer, LIMIT), InvalidKind::Compressed);
        for codec in [0, 3, 255] {
            let mut unknown = frame.to_vec();
            unknown[0] = codec;
            assert_eq!(kind(unknown, LIMIT), InvalidKind::Compressed);
        }
    }
}

#[test]
fn what_inflates_to_no_envelope_is_told() {
    let pack = |inner: &str| {
        let compressed = Compressed::new(Codec::Zstd, inner).unwrap();
        kind(compressed.frame(Some(LOG)), LIMIT)
    };
    assert_eq!(pack(&format!("[{}]", "1,".repeat(2_000))), InvalidKind::NotObject);
    assert_eq!(pack(&format!("{{{}", " ".repeat(2_000))), InvalidKind::NotJson);
    let twice = text().replacen('{', r#"{"offset":1,"#, 1);
    assert_eq!(pack(&twice), InvalidKind::Envelope, "a place within besides the one without");
}

proptest! {
    #[test]
    fn round_trip(data in "\\PC{1,3000}", offset in 1_u64.., prev: u64) {
        let text = envelope(&data);
        for codec in [Codec::Deflate, Codec::Zstd] {
            let Some(compressed) = Compressed::new(codec, &text) else { continue };
            let place = Place::Log { offset, prev };
            let message = Compressed::open(&compressed.frame(Some(place)), LIMIT).unwrap();
            prop_assert_eq!(message.to_json(), text.clone());
            prop_assert_eq!(message.place, Some(place));
        }
    }

    #[test]
    fn a_damaged_frame_never_panics(
        hits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        zstd: bool,
    ) {
        let codec = if zstd { Codec::Zstd } else { Codec::Deflate };
        let mut frame = Compressed::new(codec, &text()).unwrap().frame(Some(LOG)).to_vec();
        for (at, byte) in hits {
            let at = at.index(frame.len());
            frame[at] = byte;
        }
        let _ = Compressed::open(&frame.into(), 1 << 16);
    }

    #[test]
    fn noise_never_panics(mut noise in proptest::collection::vec(any::<u8>(), 0..200), codec in 0_u8..4) {
        if let Some(first) = noise.first_mut() {
            *first = codec;
        }
        let _ = Compressed::open(&noise.into(), 1 << 16);
    }
}
