//! What is checked stands in `src/envelope.rs`, where a test of `crates/wire` runs it, too.
#![no_main]

#[path = "../src/envelope.rs"]
mod envelope;

libfuzzer_sys::fuzz_target!(|input: &[u8]| envelope::check(input));
