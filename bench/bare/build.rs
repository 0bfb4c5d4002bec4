//! Nothing to be made: the page is embedded into a folder that only packages with a build script have.

fn main() {
    println!("cargo:rerun-if-changed=bare");
}
