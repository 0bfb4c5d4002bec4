//! What is checked stands in `src/compressed.rs`, where a test of `crates/wire` runs it, too.
#![no_main]

#[path = "../src/compressed.rs"]
mod compressed;

libfuzzer_sys::fuzz_target!(|input: &[u8]| compressed::check(input));
