//! Compiles what people are told, `locales/<language>/<room>.ftl`, to functions.

use std::process;

use catalogue::Style;

fn main() {
    println!("cargo:rerun-if-changed=locales");
    if let Err(fault) = catalogue::build(Style::Core) {
        eprintln!("{fault}");
        process::exit(1);
    }
}
