//! What is checked stands in `src/control.rs`, where a test of `crates/wire` runs it, too.
#![no_main]

#[path = "../src/control.rs"]
mod control;

libfuzzer_sys::fuzz_target!(|input: &[u8]| control::check(input));
