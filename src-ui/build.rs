//! Compiles what the window says, `locales/<language>/<room>.ftl`, to functions.

use std::process;

use catalogue::Style;

fn main() {
    println!("cargo:rerun-if-changed=locales");
    // Where functions and data are named, which tells what leads to what: by that the program is divided.
    if std::env::var_os("CARGO_FEATURE_DIVIDED").is_some() {
        println!("cargo:rustc-link-arg-bins=--emit-relocs");
    }
    if let Err(fault) = catalogue::build(Style::Window) {
        eprintln!("{fault}");
        process::exit(1);
    }
}
