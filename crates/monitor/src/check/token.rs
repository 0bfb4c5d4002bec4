use std::time::Instant;

use domain::UnixMillis;
use domain::view::CheckStep;
use realtime::{Options, Token, ValidOptions};

use super::{Report, took};
use crate::{Clock as _, SystemClock};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// The options with the token that its source gives at this moment, asked for as a connection asks. `None` where there is
/// none to be had; it has been told then.
pub(super) async fn fetched(report: &dyn Report, options: &ValidOptions) -> Option<ValidOptions> {
    let Some(provider) = options.token_provider() else { return Some(options.clone()) };
    let values = options.values();
    let begun = Instant::now();
    match realtime::obtain(&*provider, values.token_timeout).await {
        Ok(token) => {
            let detail = format!("{} gives one; {}", source(values), took(begun.elapsed()));
            tell(report, &detail, &token, SystemClock.now());
            values.clone().with_token(token.secret).validate().ok()
        }
        Err(error) => {
            let remedy =
                "see `tokenEnv`, `tokenCommand` and `tokenKeychain` in docs/configuration.md";
            report.wrong(CheckStep::Token, &error.to_string(), remedy);
            None
        }
    }
}

/// Without the program's arguments: they may be the password of a vault.
fn source(options: &Options) -> String {
    match (&options.token_env, options.token_command.first()) {
        (Some(name), _) => format!("the variable {name}"),
        (None, Some(program)) => format!("`{program}`"),
        (None, None) => "the keychain".to_owned(),
    }
}

fn tell(report: &dyn Report, detail: &str, token: &Token, now: UnixMillis) {
    let Some(end) = token.expires_at else {
        return report.right(CheckStep::Token, &format!("{detail}; it does not tell its end"));
    };
    if end > now {
        let left = long(end.since(now).as_secs());
        report.right(CheckStep::Token, &format!("{detail}; good for {left}"));
    } else {
        let ago = long(now.since(end).as_secs());
        let remedy = "its source should give a new one; or this machine's clock is wrong";
        report.remark(CheckStep::Token, &format!("{detail}; it ended {ago} ago"), remedy);
    }
}

/// In the largest unit of which there are two.
fn long(seconds: u64) -> String {
    let (count, unit) = match seconds {
        ..=119 => (seconds, "s"),
        120..=7_199 => (seconds / MINUTE, "min"),
        7_200..=172_799 => (seconds / HOUR, "h"),
        _ => (seconds / DAY, "days"),
    };
    format!("{count} {unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_long_is_told_in_a_unit_that_says_something() {
        for (seconds, told) in [
            (0, "0 s"),
            (119, "119 s"),
            (120, "2 min"),
            (7_199, "119 min"),
            (7_200, "2 h"),
            (172_799, "47 h"),
            (172_800, "2 days"),
        ] {
            assert_eq!(long(seconds), told);
        }
    }
}
