use std::time::{SystemTime, UNIX_EPOCH};

use domain::view::CheckStep;
use jiff::Timestamp;
use monitor::check::Report;
use x509_parser::prelude::{FromDer, X509Certificate};

/// Renewed automatically, most certificates have this much left when the new one comes; less means that something did
/// not happen.
const SOON_DAYS: i64 = 14;

const DAY: i64 = 24 * 3600;

pub(super) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_second(i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
        .unwrap_or(Timestamp::MAX)
}

/// Tells whose certificates the server showed, who signed them, and when the first of them ends. They have been verified.
pub(super) fn tell(report: &dyn Report, chain: &[Vec<u8>], now: Timestamp) {
    let parsed: Vec<_> =
        chain.iter().filter_map(|der| Some(X509Certificate::from_der(der).ok()?.1)).collect();
    let (Some(own), Some(last)) = (parsed.first(), parsed.last()) else {
        report.right(CheckStep::Certificate, "verified, but in a form that is not understood here");
        return;
    };
    let names: Vec<_> = parsed.iter().map(|certificate| name(certificate.subject())).collect();
    let ends = parsed.iter().map(|certificate| certificate.validity().not_after.timestamp()).min();
    let ends = ends.unwrap_or_else(|| own.validity().not_after.timestamp());
    let days = (ends - now.as_second()).div_euclid(DAY);
    let until = Timestamp::from_second(ends).map(|at| at.strftime("%Y-%m-%d").to_string());
    let until = until.unwrap_or_else(|_| "an unknown date".to_owned());
    let detail = format!(
        "{}, signed by {}; good until {until} ({days} days)",
        names.join(" ← "),
        name(last.issuer())
    );
    if days < SOON_DAYS {
        report.remark(CheckStep::Certificate, &detail, "the operator should renew it now");
    } else {
        report.right(CheckStep::Certificate, &detail);
    }
}

/// The common name, or all of it where there is none.
fn name(whole: &x509_parser::x509::X509Name<'_>) -> String {
    let common = whole.iter_common_name().next().and_then(|name| name.as_str().ok());
    common.map_or_else(|| whole.to_string(), str::to_owned)
}
