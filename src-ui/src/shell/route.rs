//! The page shown, kept in the address after `#/` so that back, forward and reload work.

use domain::view::Target;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use yew::prelude::*;

use super::Unsaved;

/// Goes to this page.
pub(crate) fn open(target: &Target) {
    if let Some(window) = web_sys::window() {
        // Cannot fail: it is a fragment of the same page.
        drop(window.location().set_hash(&fragment(target)));
    }
}

/// The address of a page for a link.
pub(crate) fn href(target: &Target) -> String {
    format!("#{}", fragment(target))
}

/// The page the address names; renders again when it names another one. While something is unsaved the page stays, and so
/// does its address: the other page is held until somebody has answered.
#[hook]
pub(crate) fn use_route(unsaved: &Unsaved) -> (Target, UseStateHandle<Option<Target>>) {
    let route = use_state_eq(current);
    let held = use_state_eq(|| None::<Target>);
    let (set, hold, unsaved) = (route.setter(), held.setter(), unsaved.clone());
    let shown = use_mut_ref(current);
    use_effect_with((), move |()| {
        let changed = Closure::<dyn Fn()>::new(move || {
            let next = current();
            if unsaved.is_set() && next != *shown.borrow() {
                stay_at(&shown.borrow());
                return hold.set(Some(next));
            }
            shown.borrow_mut().clone_from(&next);
            set.set(next);
        });
        let window = web_sys::window();
        if let Some(window) = &window {
            window.set_onhashchange(Some(changed.as_ref().unchecked_ref()));
        }
        move || {
            if let Some(window) = window {
                window.set_onhashchange(None);
            }
            drop(changed);
        }
    });
    ((*route).clone(), held)
}

/// Puts the address back, where it was changed already.
fn stay_at(target: &Target) {
    let history = web_sys::window().and_then(|window| window.history().ok());
    if let Some(history) = history {
        // Cannot fail: it is a fragment of the same page.
        drop(history.replace_state_with_url(&JsValue::NULL, "", Some(&href(target))));
    }
}

/// Whether the address names the page that shows the design system. It is no page of the window: it is reached by hand.
#[cfg(feature = "recorded")]
pub(crate) fn is_gallery() -> bool {
    let hash = web_sys::window().and_then(|window| window.location().hash().ok());
    hash.as_deref() == Some("#/gallery")
}

/// The page that the address names.
pub(crate) fn current() -> Target {
    let hash = web_sys::window().and_then(|window| window.location().hash().ok());
    parse(hash.as_deref().unwrap_or_default())
}

fn fragment(target: &Target) -> String {
    let text = target.to_string();
    match text.split_once('/') {
        Some((page, id)) => format!("/{page}/{}", encode(id)),
        None => format!("/{text}"),
    }
}

/// An address that names no page shows the overview.
fn parse(hash: &str) -> Target {
    let path = hash.trim_start_matches('#').trim_start_matches('/');
    decode(path).and_then(|path| path.parse().ok()).unwrap_or(Target::Overview)
}

/// Vault ids may contain any printable character.
fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                encoded.push(char::from(byte));
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        if *first == b'%' {
            let [high, low, after @ ..] = tail else { return None };
            let digits = [*high, *low];
            let digits = std::str::from_utf8(&digits).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = after;
        } else {
            bytes.push(*first);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use domain::VaultId;
    use domain::view::NotificationId;

    use super::*;

    #[test]
    fn every_page_has_an_address() {
        let vault = |id: &str| Target::Vault(VaultId::new(id).unwrap());
        for (target, address) in [
            (Target::Overview, "#/overview"),
            (Target::Settings, "#/settings"),
            (Target::Rules(None), "#/rules"),
            (Target::Rules(Some("low-room".into())), "#/rules/low-room"),
            (vault("ETH-001"), "#/vault/ETH-001"),
            (Target::Alert(NotificationId(17)), "#/alert/17"),
            (vault("a/b ü?#%"), "#/vault/a%2Fb%20%C3%BC%3F%23%25"),
        ] {
            assert_eq!(href(&target), address);
            assert_eq!(parse(address), target);
        }
    }

    #[test]
    fn nonsense_shows_the_overview() {
        for hash in [
            "",
            "#",
            "#/",
            "#/nowhere",
            "#/vault/",
            "#/rules/",
            "#/alert/",
            "#/alert/x",
            "#/vault/%",
            "#/vault/%zz",
            "#/%ff",
        ] {
            assert_eq!(parse(hash), Target::Overview, "{hash}");
        }
    }
}
