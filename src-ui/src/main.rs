//! The page's entry point; the window itself is the library.

fn main() {
    vaultwatch_ui::run();
}
