//! Of what is told long after it happened, or was known.

use domain::view::AwayView;
use domain::{Language, Level, Percent, UnixMillis, text};
use jiff::tz::TimeZone;

use super::{level, sentences, shortened, span};
use crate::quiet::clock;
use crate::say::{common, late as say};

/// ` Not shown since 03:14.`
pub(crate) fn not_shown_since(language: Language, since: UnixMillis, zone: &TimeZone) -> String {
    format!(" {}", say::not_shown_since(language, &clock(language, since, zone)))
}

/// ` As of 03:14.`: what was left on the screen before a start says how old it is.
pub(crate) fn as_of(language: Language, updated: UnixMillis, zone: &TimeZone) -> String {
    format!(" {}", say::as_of(language, &clock(language, updated, zone)))
}

/// What happened long before it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Happened {
    Liquidated,
    Reached(Level),
}

/// `3 h late: ETH-017 critical at 03:14`.
pub(crate) fn late_title(
    language: Language,
    name: &str,
    what: Happened,
    happened: UnixMillis,
    now: UnixMillis,
    zone: &TimeZone,
) -> String {
    let late = span(language, now.since(happened));
    let (name, at) = (shortened(name, 40), clock(language, happened, zone));
    match what {
        Happened::Liquidated => say::liquidated_at(language, &late, &name, &at),
        Happened::Reached(reached) => {
            say::reached_at(language, &late, &name, level(language, reached), &at)
        }
    }
}

/// `Then 3.0 %, now 5.1 % left. App down 03:15–06:26. Repay 18,500 USDC → 15 %.`
pub(crate) fn late_body(
    language: Language,
    then: Option<Percent>,
    now: Option<Percent>,
    down: (UnixMillis, UnixMillis),
    cure: Option<&str>,
    zone: &TimeZone,
) -> String {
    let rooms = match (then, now) {
        (Some(then), Some(now)) => {
            let [then, now] = [then, now].map(|room| language.figure(text::room(room)));
            if then == now {
                say::left(language, &now)
            } else {
                say::then_and_now(language, &then, &now)
            }
        }
        _ => String::new(),
    };
    let (from, to) = (clock(language, down.0, zone), clock(language, down.1, zone));
    sentences([&rooms, &say::down(language, &from, &to), cure.unwrap_or_default()])
}

/// `While away: 1 liquidated, 2 critical` / `Nothing was watched 03:15–06:26. 3 recovered. Open triage.`
pub(crate) fn away(language: Language, away: &AwayView, zone: &TimeZone) -> (String, String) {
    type Said = fn(Language, &str) -> String;
    let some = |count: u32, said: Said| (count > 0).then(|| said(language, &count.to_string()));
    let news = [
        some(away.liquidated, say::liquidated),
        some(away.critical, say::critical),
        some(away.unanswered, say::unanswered),
    ];
    let mut news: Vec<_> = news.into_iter().flatten().collect();
    let end = if news.is_empty() {
        news.push(say::nothing_critical(language).to_owned());
        common::nothing_to_do(language)
    } else {
        common::open_triage(language)
    };
    let (from, to) = (clock(language, away.from, zone), clock(language, away.to, zone));
    let recovered = some(away.recovered, say::recovered).unwrap_or_default();
    let body = sentences([&say::unwatched(language, &from, &to), &recovered, end]);
    (say::away_news(language, &news.join(", ")), body)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DE: Language = Language::German;

    fn at(hour: i64, minute: i64) -> UnixMillis {
        UnixMillis((hour * 60 + minute) * 60_000)
    }

    #[test]
    fn what_is_told_late_in_german() {
        let title = |what| late_title(DE, "ETH-017", what, at(3, 14), at(6, 26), &TimeZone::UTC);
        assert_eq!(
            title(Happened::Reached(Level::Critical)),
            "3 h verspätet: ETH-017 um 03:14 kritisch"
        );
        assert_eq!(title(Happened::Liquidated), "3 h verspätet: ETH-017 um 03:14 liquidiert");
        let room = |text: &str| Some(Percent(text.parse().unwrap()));
        let down = (at(3, 15), at(6, 26));
        assert_eq!(
            late_body(DE, room("3"), room("5.1"), down, Some("Zahlen."), &TimeZone::UTC),
            "Damals noch 3,0 %, jetzt 5,1 %. VaultWatch lief nicht von 03:15 bis 06:26. Zahlen."
        );
        assert_eq!(
            late_body(DE, room("3"), room("3"), down, None, &TimeZone::UTC),
            "Noch 3,0 %. VaultWatch lief nicht von 03:15 bis 06:26."
        );
        assert_eq!(not_shown_since(DE, at(3, 14), &TimeZone::UTC), " Seit 03:14 nicht gezeigt.");
        assert_eq!(as_of(DE, at(3, 14), &TimeZone::UTC), " Stand 03:14.");
    }

    #[test]
    fn an_absence_in_german() {
        let gone = AwayView { from: at(3, 15), to: at(6, 26), ..AwayView::default() };
        let (title, message) = away(
            DE,
            &AwayView { liquidated: 1, critical: 2, recovered: 3, ..gone },
            &TimeZone::UTC,
        );
        assert_eq!(title, "In Ihrer Abwesenheit: 1 liquidiert, 2 kritisch");
        assert_eq!(
            message,
            "Von 03:15 bis 06:26 wurde nichts überwacht. 3 erholt. Übersicht öffnen."
        );
        let (title, message) = away(DE, &gone, &TimeZone::UTC);
        assert_eq!(title, "In Ihrer Abwesenheit: nichts Kritisches");
        assert_eq!(message, "Von 03:15 bis 06:26 wurde nichts überwacht. Nichts zu tun.");
    }
}
