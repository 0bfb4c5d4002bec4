//! Compiles the catalogue, `locales/<language>/<room>.ftl`, to functions: a text that is missing in one language, or is
//! asked for by another name, is an error of the build.

#[path = "build/catalogue.rs"]
mod catalogue;
#[path = "build/functions.rs"]
mod functions;

use std::path::PathBuf;
use std::{env, fs, process};

fn main() {
    println!("cargo:rerun-if-changed=locales");
    println!("cargo:rerun-if-changed=build");
    if let Err(fault) = compile() {
        eprintln!("{fault}");
        process::exit(1);
    }
}

fn compile() -> Result<(), String> {
    let rooms = catalogue::read(&PathBuf::from("locales"))?;
    let folder = env::var_os("OUT_DIR").ok_or("OUT_DIR is not set: this is run by cargo")?;
    let path = PathBuf::from(folder).join("words.rs");
    fs::write(&path, functions::write(&rooms)?)
        .map_err(|error| format!("{}: {error}", path.display()))
}
