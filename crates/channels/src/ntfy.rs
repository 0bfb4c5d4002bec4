use http::Method;
use serde::Serialize;
use url::Url;

use crate::page::Page;
use crate::webhook::value;
use crate::{Request, Secret};

/// A topic of an ntfy server: what is published there appears on the phones that subscribed to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ntfy {
    /// The server, without the topic.
    pub server: Url,
    pub topic: String,
    pub token: Option<Secret>,
    /// 1 to 5.
    pub priority: u8,
    /// What a tap opens; `{vaultId}` and `{alertId}` are filled in.
    pub click: Option<String>,
}

/// What is to be read on the phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Push<'a> {
    pub title: &'a str,
    pub message: &'a str,
    pub vault: Option<&'a str>,
    pub alert: Option<&'a str>,
    pub urgency: PushUrgency,
}

/// How loud it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PushUrgency {
    /// With the topic's priority.
    Alarm,
    /// It is over: seen, and not heard.
    Quiet,
}

/// What ntfy takes as JSON.
#[derive(Serialize)]
struct Body<'a> {
    topic: &'a str,
    title: String,
    message: String,
    priority: u8,
    tags: [&'static str; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    click: Option<String>,
}

/// ntfy takes 4,096 bytes of a message, and turns longer ones into files.
const MESSAGE_LIMIT: usize = 1_000;
const TITLE_LIMIT: usize = 200;
/// ntfy's "low": no sound, no vibration.
const QUIET: u8 = 2;

impl Ntfy {
    #[must_use]
    pub fn push(&self, push: &Push<'_>) -> Request {
        let body = Body {
            topic: &self.topic,
            title: cut(push.title, TITLE_LIMIT),
            message: cut(push.message, MESSAGE_LIMIT),
            priority: match push.urgency {
                PushUrgency::Alarm => self.priority,
                PushUrgency::Quiet => self.priority.min(QUIET),
            },
            tags: match push.urgency {
                PushUrgency::Alarm => ["rotating_light"],
                PushUrgency::Quiet => ["white_check_mark"],
            },
            click: self.click.as_deref().map(|click| fill(click, push)),
        };
        let body = serde_json::to_vec(&body).expect("string keys only");
        let bearer = self.token.as_ref().map(|token| value(&format!("Bearer {}", token.expose())));
        let headers = bearer.into_iter().map(|mut bearer| {
            bearer.set_sensitive(true);
            ("authorization", bearer)
        });
        let headers = headers.collect();
        Request { method: Method::POST, url: self.server.clone(), headers, body }
    }

    /// What an app sends about an alert.
    #[must_use]
    pub fn page(&self, page: &Page) -> Request {
        let id = page.id.to_string();
        let (title, message) = (page.title.as_str(), page.message.as_str());
        let vault = page.vault.as_deref();
        let urgency = if page.event.is_end() { PushUrgency::Quiet } else { PushUrgency::Alarm };
        self.push(&Push { title, message, vault, alert: Some(&id), urgency })
    }
}

fn fill(click: &str, push: &Push<'_>) -> String {
    let encoded = |text: Option<&str>| {
        // As a path segment would be.
        let mut url = Url::parse("http://x/").expect("a URL");
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().push(text.unwrap_or_default());
        }
        url.path()[1..].to_owned()
    };
    click.replace("{vaultId}", &encoded(push.vault)).replace("{alertId}", &encoded(push.alert))
}

/// The beginning of a text, not ending within a character.
fn cut(text: &str, limit: usize) -> String {
    if text.len() <= limit {
        return text.to_owned();
    }
    format!("{}…", &text[..text.floor_char_boundary(limit)])
}
