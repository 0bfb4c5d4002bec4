//! The page's program, unpacked while the toolkit starts. It is the largest file of the page by far, and without this it
//! would be unpacked when the page asks for it, behind all other files, with everybody waiting.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::{self, JoinHandle};

use tauri::utils::assets::{AssetKey, AssetsIter, CspHash};
use tauri::{Assets, Context, Wry};

/// How the program's name ends.
const PROGRAM: &str = ".wasm";

/// The page's files, of which one lies ready.
#[derive(Clone, Default)]
struct Unpacked(Arc<Inner>);

#[derive(Default)]
struct Inner {
    packed: OnceLock<Arc<dyn Assets<Wry>>>,
    /// Given away when it is asked for: a page that is loaded again is rare.
    program: Mutex<Option<Program>>,
}

struct Program {
    key: AssetKey,
    bytes: JoinHandle<Option<Vec<u8>>>,
}

/// Begins to unpack the program of that page.
pub(super) fn begin(context: &mut Context) {
    let unpacked = Unpacked::default();
    let packed = context.set_assets(Box::new(unpacked.clone()));
    unpacked.begin(packed.into());
}

impl Unpacked {
    fn begin(&self, packed: Arc<dyn Assets<Wry>>) {
        let program = packed.iter().map(|(key, _)| key).find(|key| key.ends_with(PROGRAM));
        let key = program.map(|key| AssetKey::from(&*key));
        // A development server has it, where it is not here.
        if let Some(key) = key {
            let (files, wanted) = (Arc::clone(&packed), key.clone());
            let unpack = move || files.get(&wanted).map(Cow::into_owned);
            // Without a thread it is unpacked when it is asked for.
            let thread = thread::Builder::new().name("unpack".to_owned()).spawn(unpack);
            let program = thread.ok().map(|bytes| Program { key, bytes });
            *self.0.program.lock().unwrap_or_else(PoisonError::into_inner) = program;
        }
        // Empty until now.
        let _ = self.0.packed.set(packed);
    }

    /// What lies ready, once.
    fn take(&self, key: &AssetKey) -> Option<Vec<u8>> {
        let program = {
            let mut program = self.0.program.lock().unwrap_or_else(PoisonError::into_inner);
            program.take_if(|program| program.key == *key)?
        };
        // An error means that it panicked, which is tried again where it is told.
        program.bytes.join().ok().flatten()
    }
}

impl Assets<Wry> for Unpacked {
    fn get(&self, key: &AssetKey) -> Option<Cow<'_, [u8]>> {
        match self.take(key) {
            Some(bytes) => Some(Cow::Owned(bytes)),
            None => self.0.packed.get()?.get(key),
        }
    }

    fn iter(&self) -> Box<AssetsIter<'_>> {
        match self.0.packed.get() {
            Some(packed) => packed.iter(),
            None => Box::new(std::iter::empty()),
        }
    }

    fn csp_hashes(&self, html_path: &AssetKey) -> Box<dyn Iterator<Item = CspHash<'_>> + '_> {
        match self.0.packed.get() {
            Some(packed) => packed.csp_hashes(html_path),
            None => Box::new(std::iter::empty()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    const NAMES: [&str; 3] = ["/index.html", "/ui_bg.wasm", "/ui.js"];

    /// Counts how often something is unpacked.
    #[derive(Default)]
    struct Packed(AtomicUsize);

    impl Assets<Wry> for Packed {
        fn get(&self, key: &AssetKey) -> Option<Cow<'_, [u8]>> {
            self.0.fetch_add(1, Ordering::Relaxed);
            NAMES.contains(&key.as_ref()).then(|| Cow::Owned(key.as_ref().as_bytes().to_vec()))
        }

        fn iter(&self) -> Box<AssetsIter<'_>> {
            Box::new(
                NAMES.into_iter().map(|name| (Cow::Borrowed(name), Cow::Borrowed(b"".as_slice()))),
            )
        }

        fn csp_hashes(&self, _: &AssetKey) -> Box<dyn Iterator<Item = CspHash<'_>> + '_> {
            Box::new([CspHash::Script("'sha256-x'")].into_iter())
        }
    }

    #[test]
    fn every_file_is_there_whenever_it_is_asked_for() {
        let packed = Arc::new(Packed::default());
        let unpacked = Unpacked::default();
        unpacked.begin(packed.clone());
        let times = || packed.0.load(Ordering::Relaxed);
        let get = |name: &str| unpacked.get(&name.into()).map(|bytes| bytes.len());
        assert_eq!(get("index.html"), Some("/index.html".len()));
        assert_eq!(get("ui_bg.wasm"), Some("/ui_bg.wasm".len()));
        assert_eq!(times(), 2);
        assert_eq!(get("ui_bg.wasm"), Some("/ui_bg.wasm".len()), "a page that is loaded again");
        assert_eq!(get("none.wasm"), None);
        assert_eq!(unpacked.iter().count(), NAMES.len());
        assert_eq!(unpacked.csp_hashes(&"index.html".into()).count(), 1);
    }

    #[test]
    fn without_a_program_everything_is_as_it_was() {
        struct Empty;
        impl Assets<Wry> for Empty {
            fn get(&self, _: &AssetKey) -> Option<Cow<'_, [u8]>> {
                None
            }
            fn iter(&self) -> Box<AssetsIter<'_>> {
                Box::new(std::iter::empty())
            }
            fn csp_hashes(&self, _: &AssetKey) -> Box<dyn Iterator<Item = CspHash<'_>> + '_> {
                Box::new(std::iter::empty())
            }
        }
        let unpacked = Unpacked::default();
        assert!(unpacked.get(&"index.html".into()).is_none(), "nothing is there yet");
        unpacked.begin(Arc::new(Empty));
        assert!(unpacked.get(&"index.html".into()).is_none());
    }

    /// A second time it would not lie ready.
    #[test]
    fn the_page_asks_for_its_program_once_and_at_once() {
        let page = include_str!("../../../../src-ui/index.html");
        assert_eq!(page.matches(PROGRAM).count(), 1, "{page}");
        let (before, _) = page.split_once("fetch(\"/vaultwatch-ui_bg.wasm\")").unwrap();
        assert!(!before.contains("stylesheet") && !before.contains("rel=\"css\""), "{before}");
        let trunk = include_str!("../../../../src-ui/Trunk.toml");
        assert!(trunk.contains("inject_scripts = false\nfilehash = false\n"), "{trunk}");
    }
}
