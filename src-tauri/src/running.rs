//! Whether VaultWatch runs already, asked before anything of the desktop is touched.
//!
//! The plug-in for single instances asks, too, and is what the one that runs answers with. But it asks once the toolkit
//! is up, and then ends the process from within: what the toolkit takes down on the way out, its threads still use, and
//! now and then that ended in a crash. Systems without a session bus are left to the plug-in.

#[cfg(target_os = "linux")]
use zbus::{Connection, fdo::DBusProxy, names::BusName};

#[cfg(target_os = "linux")]
use crate::window::Token;

/// As the plug-in makes them of the identifier in `tauri.conf.json`.
#[cfg(target_os = "linux")]
const NAME: &str = "app.vaultwatch.desktop.SingleInstance";
#[cfg(target_os = "linux")]
const PATH: &str = "/app/vaultwatch/desktop/SingleInstance";

/// Hands what this start was told to the one that runs. Whether there is one, and it was told.
#[cfg(target_os = "linux")]
pub(crate) async fn hand_on() -> bool {
    // Whatever goes wrong here the plug-in tries again.
    tell().await.unwrap_or(false)
}

#[cfg(not(target_os = "linux"))]
pub(crate) async fn hand_on() -> bool {
    false
}

#[cfg(target_os = "linux")]
async fn tell() -> zbus::Result<bool> {
    let bus = Connection::session().await?;
    let name = BusName::try_from(NAME)?;
    if !DBusProxy::new(&bus).await?.name_has_owner(name.clone()).await? {
        return Ok(false);
    }
    let words = std::env::args_os().map(|word| word.to_string_lossy().into_owned());
    // The click that this start came from is what the other one's window may come to the front by.
    let words = words.chain(Token::of_this_start().map(|token| token.to_word()));
    let folder = std::env::current_dir().unwrap_or_default();
    let told = (words.collect::<Vec<String>>(), folder.to_string_lossy().into_owned());
    let interface = Some("org.SingleInstance.DBus");
    bus.call_method(Some(name), PATH, interface, "ExecuteCallback", &told).await?;
    Ok(true)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn it_is_called_what_the_plug_in_calls_it() {
        let config: serde_json::Value =
            serde_json::from_str(include_str!("../../tauri.conf.json")).unwrap();
        let identifier = config["identifier"].as_str().unwrap();
        assert_eq!(NAME, format!("{identifier}.SingleInstance"));
        assert_eq!(PATH, format!("/{}", NAME.replace('.', "/")));
    }
}
