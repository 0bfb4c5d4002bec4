//! A toast as Windows wants it written: pure, so that it is tested everywhere.

use std::fmt::Write as _;

use monitor::{OsNotification, Urgency};

use super::text::{escape, printable};
use super::words;

/// Windows cuts what is longer, and the whole of it may have 5 KB.
const TITLE: usize = 150;
const BODY: usize = 600;
/// Longer than any target's words.
const ATTRIBUTE: usize = 600;

/// Of one tag in a profile's group there is one toast: the next one takes its place. At most 64 characters.
pub(super) fn tag(notification: domain::view::NotificationId) -> String {
    notification.0.to_string()
}

/// The document of [`schemas for toasts`](https://learn.microsoft.com/windows/apps/design/shell/tiles-and-notifications/toast-schema).
/// A critical one stays until it is answered (`reminder`, which Windows heeds where a button brings no window up) and is
/// heard as an alarm, once: what sounds on and on is ours.
pub(super) fn document(notification: &OsNotification) -> String {
    let OsNotification { id, urgency, title, body, veiled: _, target, sound, language } =
        notification;
    let critical = *urgency == Urgency::Critical;
    let scenario = if critical { r#" scenario="reminder""# } else { "" };
    let mut xml = format!(r#"<toast{scenario} launch="{}">"#, attribute(&words::opens(target)));
    let (title, body) = (printable(title, TITLE), printable(body, BODY));
    let _ = write!(
        xml,
        r#"<visual><binding template="ToastGeneric"><text>{}</text><text>{}</text></binding></visual>"#,
        escape(&title),
        escape(&body)
    );
    xml.push_str("<actions>");
    for (button, label) in words::buttons(*language) {
        let arguments = words::answers(button, *id);
        let _ = write!(
            xml,
            r#"<action content="{}" arguments="{}" activationType="background"/>"#,
            attribute(label),
            attribute(&arguments)
        );
    }
    xml.push_str("</actions>");
    match (*sound, critical) {
        (false, _) => xml.push_str(r#"<audio silent="true"/>"#),
        (true, true) => {
            xml.push_str(r#"<audio src="ms-winsoundevent:Notification.Looping.Alarm"/>"#);
        }
        (true, false) => {}
    }
    xml.push_str("</toast>");
    xml
}

fn attribute(text: &str) -> String {
    escape(&printable(text, ATTRIBUTE)).replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use domain::view::{NotificationId, Target};
    use domain::{Language, VaultId};

    use super::*;

    fn critical(title: &str, body: &str) -> OsNotification {
        OsNotification {
            id: NotificationId(17),
            urgency: Urgency::Critical,
            title: title.into(),
            body: body.into(),
            veiled: Default::default(),
            target: Target::Vault(VaultId::new("A&\"B\"").unwrap()),
            sound: true,
            language: Language::English,
        }
    }

    #[test]
    fn a_critical_alert_stays_and_has_its_buttons() {
        let xml = document(&critical("A: 7.9 % <b>", "Repay & sleep"));
        assert_eq!(
            xml,
            "<toast scenario=\"reminder\" launch=\"open vault/A&amp;&quot;B&quot;\">\
             <visual><binding template=\"ToastGeneric\"><text>A: 7.9 % &lt;b&gt;</text><text>Repay &amp; sleep</text></binding></visual>\
             <actions><action content=\"Acknowledge\" arguments=\"ack 17\" activationType=\"background\"/>\
             <action content=\"Snooze 10 min\" arguments=\"snooze 17\" activationType=\"background\"/></actions>\
             <audio src=\"ms-winsoundevent:Notification.Looping.Alarm\"/></toast>"
        );
    }

    #[test]
    fn a_germans_buttons_are_german_and_answer_by_the_same_words() {
        let german = OsNotification { language: Language::German, ..critical("t", "b") };
        let xml = document(&german);
        assert!(xml.contains(r#"content="Quittieren" arguments="ack 17""#), "{xml}");
        assert!(xml.contains(r#"content="In 10 min wieder" arguments="snooze 17""#), "{xml}");
    }

    #[test]
    fn what_is_less_is_quieter() {
        let high = OsNotification { urgency: Urgency::Normal, ..critical("t", "b") };
        assert!(document(&high).starts_with("<toast launch="));
        assert!(!document(&high).contains("<audio"));
        let quiet = OsNotification { sound: false, ..high };
        assert!(document(&quiet).contains(r#"<audio silent="true"/>"#));
    }

    #[test]
    fn whatever_it_says_the_document_is_whole_and_within_windows_limit() {
        for text in
            ["]]>\u{0}\u{1b}<&\"'", "מ\u{202e}🚨", &"&".repeat(10_000), &"🚨".repeat(10_000)]
        {
            let xml = document(&critical(text, text));
            assert!(xml.len() <= 5_120, "{}", xml.len());
            assert!(!xml.contains(|c: char| c.is_control() || c == '\u{202e}'), "{xml}");
            let plain = xml.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "");
            assert!(!plain.replace("&quot;", "").contains('&'), "every one is escaped");
            assert_eq!(plain.matches('<').count(), plain.matches('>').count());
        }
        assert_eq!(tag(NotificationId(i64::MIN)).len(), 20);
    }
}
