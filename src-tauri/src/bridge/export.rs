//! Files the person asked for, in the folder where downloads go.

use std::collections::HashMap;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use directories::UserDirs;
use domain::view::{DeliveryView, NotificationId, NotificationState, NotificationView, Origin};
use domain::{UnixMillis, csv, moment};
use monitor::{Clock as _, Diagnostics, SystemClock};
use serde::{Deserialize, Serialize};

/// Writes the diagnostics as JSON and tells where.
///
/// # Errors
/// A sentence with the file and what is wrong with it.
pub(super) fn diagnostics(diagnostics: &Diagnostics) -> Result<PathBuf, String> {
    let json = serde_json::to_vec_pretty(diagnostics).map_err(|error| error.to_string())?;
    save(&format!("vaultwatch-diagnostics-{}.json", diagnostics.at), &json)
}

/// What a list is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Format {
    Csv,
    Json,
}

/// Writes notifications and tells where. JSON has everything that is known of each, the message that raised it included;
/// CSV what fits in a cell.
///
/// # Errors
/// A sentence with the file and what is wrong with it.
pub(super) fn notifications(
    format: Format,
    all: &[&NotificationView],
    origins: &[(NotificationId, Origin)],
) -> Result<PathBuf, String> {
    let (ending, content) = match format {
        Format::Csv => ("csv", csv(all).into_bytes()),
        Format::Json => ("json", json(all, origins).map_err(|error| error.to_string())?),
    };
    let now = SystemClock.now();
    save(&format!("vaultwatch-alerts-{now}.{ending}"), &content)
}

/// A notification as it is written into a file.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Exported<'a> {
    #[serde(flatten)]
    notification: &'a NotificationView,
    /// As a text: as JSON its figures would be read as floats.
    raised_by: Option<&'a Origin>,
}

fn json(
    all: &[&NotificationView],
    origins: &[(NotificationId, Origin)],
) -> serde_json::Result<Vec<u8>> {
    let origins: HashMap<_, _> = origins.iter().map(|(id, origin)| (*id, origin)).collect();
    let exported = all.iter().map(|notification| Exported {
        notification,
        raised_by: origins.get(&notification.id).copied(),
    });
    serde_json::to_vec_pretty(&exported.collect::<Vec<_>>())
}

fn csv(all: &[&NotificationView]) -> String {
    let mut csv = String::new();
    let head = [
        "id",
        "raised",
        "changed",
        "severity",
        "state",
        "vault",
        "title",
        "message",
        "occurrences",
        "suppressed",
        "incident",
        "acknowledged by",
        "acknowledged at",
        "snoozed until",
        "rule",
        "previous",
        "current",
        "liquidation price",
        "cure",
        "late",
        "delivery",
    ];
    csv::push_line(&mut csv, head);
    for one in all {
        let evidence = one.evidence.as_deref();
        let text = |text: Option<&String>| text.cloned().unwrap_or_default();
        let moment = |at: Option<UnixMillis>| at.map(moment::iso).unwrap_or_default();
        let fields = [
            one.id.to_string(),
            moment(Some(one.timestamp)),
            moment(Some(one.updated)),
            one.severity.word().to_owned(),
            state(one.state).to_owned(),
            one.vault.as_ref().map(ToString::to_string).unwrap_or_default(),
            one.title.clone(),
            one.message.clone(),
            one.occurrences.to_string(),
            one.suppressed.to_string(),
            one.incident.map(|id| id.to_string()).unwrap_or_default(),
            text(one.acknowledged.as_ref().map(|by| &by.by)),
            moment(one.acknowledged.as_ref().map(|by| by.at)),
            moment(one.snoozed_until),
            text(evidence.map(|evidence| &evidence.rule)),
            text(evidence.and_then(|evidence| evidence.previous.as_ref())),
            text(evidence.and_then(|evidence| evidence.current.as_ref())),
            text(evidence.and_then(|evidence| evidence.liquidation_price.as_ref())),
            text(evidence.and_then(|evidence| evidence.cure.as_ref())),
            one.late.to_string(),
            delivery(&one.delivery),
        ];
        csv::push_line(&mut csv, fields.iter().map(String::as_str));
    }
    csv
}

fn state(state: NotificationState) -> &'static str {
    match state {
        NotificationState::Firing => "firing",
        NotificationState::Acknowledged => "acknowledged",
        NotificationState::Snoozed => "snoozed",
        NotificationState::Resolved => "resolved",
    }
}

fn delivery(delivery: &DeliveryView) -> String {
    match delivery {
        DeliveryView::NotWanted => String::new(),
        DeliveryView::Wanted => "wanted".to_owned(),
        DeliveryView::Shown(at) => format!("shown {}", moment::iso(*at)),
        DeliveryView::Failed(cause) => format!("failed: {cause}"),
    }
}

/// Where downloads go.
pub(super) fn save(name: &str, content: &[u8]) -> Result<PathBuf, String> {
    let user = UserDirs::new().ok_or_else(|| "no folder for downloads is known".to_owned())?;
    let folder = user.download_dir().unwrap_or_else(|| user.home_dir());
    let path = folder.join(name);
    write(&path, content).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(path)
}

/// Makes a new file; one that is there is not written over.
fn write(path: &Path, content: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path)?.write_all(content)
}

#[cfg(test)]
mod tests {
    use domain::Level;
    use domain::view::{AcknowledgedView, Tone};

    use super::*;

    fn notification() -> NotificationView {
        NotificationView {
            id: NotificationId(7),
            tone: Tone::Error,
            title: "=cmd: 7.9 % to liquidation".to_owned(),
            message: "WETH $1,936".to_owned(),
            timestamp: UnixMillis(1_763_800_000_000),
            updated: UnixMillis(1_763_800_001_000),
            read: true,
            action: None,
            auto_dismiss: None,
            severity: Level::Critical,
            vault: None,
            state: NotificationState::Acknowledged,
            occurrences: 2,
            suppressed: 1,
            incident: Some(NotificationId(3)),
            acknowledged: Some(AcknowledgedView {
                by: "you".to_owned(),
                at: UnixMillis(1_763_800_002_000),
            }),
            snoozed_until: None,
            evidence: None,
            late: false,
            delivery: DeliveryView::Shown(UnixMillis(1_763_800_000_500)),
        }
    }

    #[test]
    fn as_json_it_has_the_message_that_raised_it() {
        let (one, other) =
            (notification(), NotificationView { id: NotificationId(8), ..notification() });
        let envelope = r#"{"type":"vault_update_A","data":{"ltv":75.970000000000000001}}"#;
        let origins = [(NotificationId(7), Origin::new(envelope.to_owned()))];
        let written = json(&[&one, &other], &origins).unwrap();
        let read: serde_json::Value = serde_json::from_slice(&written).unwrap();
        assert_eq!((&read[0]["id"], &read[0]["title"]), (&7.into(), &one.title.clone().into()));
        assert_eq!(read[0]["raisedBy"]["text"], envelope, "digit for digit");
        assert_eq!((&read[1]["id"], &read[1]["raisedBy"]), (&8.into(), &serde_json::Value::Null));
        // It is all there is of a notification, and no more than that besides.
        let mut plain = serde_json::to_value(&one).unwrap();
        plain["raisedBy"] = read[0]["raisedBy"].clone();
        assert_eq!(read[0], plain);
    }

    #[test]
    fn a_notification_is_one_line_and_nothing_in_it_calculates() {
        let csv = csv(&[&notification()]);
        let lines: Vec<_> = csv.lines().collect();
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[0].split(',').count(), 21);
        assert_eq!(
            lines[1],
            "7,2025-11-22T08:26:40Z,2025-11-22T08:26:41Z,Critical,acknowledged,,\
             '=cmd: 7.9 % to liquidation,\"WETH $1,936\",2,1,3,you,2025-11-22T08:26:42Z,,,,,,,false,\
             shown 2025-11-22T08:26:40.5Z"
        );
    }

    #[test]
    fn a_file_that_is_there_is_not_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/file.json");
        write(&path, b"one").unwrap();
        assert!(write(&path, b"two").is_err());
        assert_eq!(std::fs::read(path).unwrap(), b"one");
    }
}
