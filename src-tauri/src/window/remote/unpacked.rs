//! The page's programs, unpacked while the toolkit starts. They are its largest files by far, and without this they would
//! be unpacked when the page asks for them, behind all other files, with everybody waiting.

use std::borrow::Cow;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread;

use tauri::utils::assets::{AssetKey, AssetsIter, CspHash};
use tauri::{Assets, Context, Wry};

/// How the names of programs end.
const PROGRAM: &str = ".wasm";
/// And that of the one that the page begins with.
const FIRST: &str = "_bg.wasm";

/// The page's files, of which some lie ready.
#[derive(Clone, Default)]
struct Unpacked(Arc<Inner>);

#[derive(Default)]
struct Inner {
    packed: OnceLock<Arc<dyn Assets<Wry>>>,
    /// Given away when they are asked for: a page that is loaded again is rare.
    programs: Mutex<Vec<Program>>,
}

struct Program {
    key: AssetKey,
    bytes: Receiver<Vec<u8>>,
}

/// Begins to unpack the programs of that page.
pub(super) fn begin(context: &mut Context) {
    let unpacked = Unpacked::default();
    let packed = context.set_assets(Box::new(unpacked.clone()));
    unpacked.begin(packed.into());
}

impl Unpacked {
    fn begin(&self, packed: Arc<dyn Assets<Wry>>) {
        // A development server has them, where they are not here.
        let names = packed.iter().map(|(key, _)| key).filter(|key| key.ends_with(PROGRAM));
        let mut keys: Vec<_> = names.map(|key| AssetKey::from(&*key)).collect();
        keys.sort_by_key(|key| !key.as_ref().ends_with(FIRST));
        let (programs, wanted): (Vec<_>, Vec<_>) = keys.into_iter().map(promised).unzip();
        let files = Arc::clone(&packed);
        let unpack = move || {
            for (key, bytes) in wanted {
                if let Some(file) = files.get(&key) {
                    // The page may be gone by now.
                    let _ = bytes.send(file.into_owned());
                }
            }
        };
        // Without a thread they are unpacked when they are asked for.
        if thread::Builder::new().name("unpack".to_owned()).spawn(unpack).is_ok() {
            *self.0.programs.lock().unwrap_or_else(PoisonError::into_inner) = programs;
        }
        // Empty until now.
        let _ = self.0.packed.set(packed);
    }

    /// What lies ready, once.
    fn take(&self, key: &AssetKey) -> Option<Vec<u8>> {
        let program = {
            let mut programs = self.0.programs.lock().unwrap_or_else(PoisonError::into_inner);
            let at = programs.iter().position(|program| program.key == *key)?;
            programs.swap_remove(at)
        };
        // An error means that the thread has ended without it, which is tried again where it is told.
        program.bytes.recv().ok()
    }
}

/// A program that is going to lie there, and where it is to be put.
fn promised(key: AssetKey) -> (Program, (AssetKey, SyncSender<Vec<u8>>)) {
    let (put, bytes) = sync_channel(1);
    (Program { key: key.clone(), bytes }, (key, put))
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

    const NAMES: [&str; 4] = ["/index.html", "/later.wasm", "/ui_bg.wasm", "/ui.js"];

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
        assert_eq!(get("later.wasm"), Some("/later.wasm".len()));
        assert_eq!(times(), 3);
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
    }
}
