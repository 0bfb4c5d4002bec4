//! Compiles what the window says, `locales/<language>/<room>.ftl`, to functions.

use std::process;

use catalogue::Style;

fn main() {
    println!("cargo:rerun-if-changed=locales");
    if let Err(fault) = catalogue::build(Style::Window) {
        eprintln!("{fault}");
        process::exit(1);
    }
}
