//! The window of VaultWatch: what the backend knows, drawn. It holds no state that is not also in the backend,
//! except what the person is looking at (page, sort, filters) and what a sparkline needs.
//!
//! | folder | what |
//! |---|---|
//! | `backend` | the commands and events of the shell, or a recording in a plain browser |
//! | `later` | what the first screen can do without: a second program |
//! | `live` | last values outside of the component tree, with one subscription per row |
//! | `design` | tokens, base styles and the small components everything is made of |
//! | `shell` | frame of the window: rail, top bar, banners, alert panel, toasts, routes, keys |
//! | `pages` | one folder or file for each page |
//! | `words` | everything the window says, in each language; the texts are in `locales` |

mod backend;
mod clipboard;
mod clock;
mod design;
mod format;
mod later;
mod left;
mod live;
mod pages;
mod session;
mod shell;
mod words;

/// Draws the window into the page.
pub fn run() {
    shell::panic::install();
    yew::Renderer::<shell::App>::new().render();
}

/// Draws the window into an element of a page that has others, too. A panic is that page's to tell.
pub fn run_in(root: web_sys::Element) {
    yew::Renderer::<shell::App>::with_root(root).render();
}
