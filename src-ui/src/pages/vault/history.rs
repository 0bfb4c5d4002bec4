//! A vault's figures over time, from the history that the backend keeps.

use std::rc::Rc;

use domain::view::{HistoryQuery, HistoryView, NotificationView, PointView, SeriesView, VaultRow};
use domain::{Figure, Level, Measure, UnixMillis, VaultId, Yardstick};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::super::export::use_plot_export;
use crate::clock;
use crate::design::chart::{Band, Chart, Fit, Mark, Sample, Scale, Span};
use crate::design::level_word;
use crate::format;
use crate::live::{Topic, Trend};
use crate::session::{use_live, use_session};
use crate::words::{vault_figures, vault_history as say};

/// How far back is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Range {
    Hour,
    Day,
    Week,
    Month,
    Year,
}

impl Range {
    const ALL: [Self; 5] = [Self::Hour, Self::Day, Self::Week, Self::Month, Self::Year];

    fn word(self) -> &'static str {
        match self {
            Self::Hour => say::hour(),
            Self::Day => say::day(),
            Self::Week => say::week(),
            Self::Month => say::month(),
            Self::Year => say::year(),
        }
    }

    /// For tests.
    fn id(self) -> &'static str {
        match self {
            Self::Hour => "range-1-h",
            Self::Day => "range-24-h",
            Self::Week => "range-7-d",
            Self::Month => "range-30-d",
            Self::Year => "range-1-y",
        }
    }

    fn millis(self) -> i64 {
        const HOUR: i64 = 3_600_000;
        match self {
            Self::Hour => HOUR,
            Self::Day => 24 * HOUR,
            Self::Week => 7 * 24 * HOUR,
            Self::Month => 30 * 24 * HOUR,
            Self::Year => 365 * 24 * HOUR,
        }
    }
}

/// Which figure is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shown {
    Room,
    Ltv,
    Health,
}

impl Shown {
    const ALL: [Self; 3] = [Self::Room, Self::Ltv, Self::Health];

    fn word(self) -> &'static str {
        match self {
            Self::Room => say::room(),
            Self::Ltv => vault_figures::ltv(),
            Self::Health => vault_figures::health(),
        }
    }

    /// For tests.
    fn id(self) -> &'static str {
        match self {
            Self::Room => "figure-to-liquidation",
            Self::Ltv => "figure-ltv",
            Self::Health => "figure-health-factor",
        }
    }

    fn figure(self) -> Figure {
        match self {
            Self::Room => Figure::Room,
            Self::Ltv => Figure::Ltv,
            Self::Health => Figure::Health,
        }
    }

    /// The present value, which the history does not have yet.
    fn now(self, row: &VaultRow) -> Option<f64> {
        match self {
            Self::Room => row.room?.0.to_f64(),
            Self::Ltv => row.ltv?.0.to_f64(),
            Self::Health => match row.health {
                domain::solvency::Health::Factor(factor) => factor.0.to_f64(),
                _ => None,
            },
        }
    }
}

#[derive(Clone, PartialEq)]
enum Loaded {
    Waiting,
    History(Rc<HistoryView>, UnixMillis),
    Failed(AttrValue),
}

#[derive(PartialEq, Properties)]
pub(crate) struct HistoryProps {
    pub(crate) id: VaultId,
    pub(crate) row: Rc<VaultRow>,
    /// What was seen since the window opened: finer than the history, and there before it.
    pub(crate) trend: Rc<Trend>,
    pub(crate) measure: Option<Measure>,
}

#[component]
pub(crate) fn History(props: &HistoryProps) -> Html {
    let range = use_state_eq(|| Range::Day);
    let shown = use_state_eq(|| Shown::Room);
    let all = use_live(Topic::Inbox, |state| state.inbox.all().to_vec());
    let minute = props.row.received.0 / 60_000;
    let loaded = use_history(&props.id, *range, *shown, minute);
    let zoom = use_state_eq(|| None::<Span>);
    let detail = use_detail(&props.id, *shown, *zoom);
    let on_zoom = {
        let zoom = zoom.setter();
        Callback::from(move |span: Option<Span>| zoom.set(span))
    };
    let (on_export, exported) = use_plot_export();
    let (samples, from, to) = match &*loaded {
        Loaded::History(history, to) => {
            let from = UnixMillis(to.0 - range.millis());
            (drawn(history, *shown, &props.row, &props.trend, *to), from, *to)
        }
        Loaded::Waiting | Loaded::Failed(_) => (Vec::new(), UnixMillis(0), UnixMillis(1)),
    };
    let choices = html! {
        <>
            <span class="segments" role="radiogroup" aria-label={say::figure()}>
                { for Shown::ALL.into_iter().map(|one| segment(one.word(), one.id(), one == *shown, { let set = shown.setter(); move || set.set(one) })) }
            </span>
            <span class="segments" role="radiogroup" aria-label={say::range()}>
                { for Range::ALL.into_iter().map(|one| segment(one.word(), one.id(), one == *range, { let set = range.setter(); move || set.set(one) })) }
            </span>
        </>
    };
    let body = match &*loaded {
        Loaded::Waiting => {
            html! { <div class="chart-empty" role="status">{ say::reading() }</div> }
        }
        Loaded::Failed(why) => {
            html! { <div class="chart-empty" role="status"><strong>{ say::unread() }</strong><span>{ why }</span></div> }
        }
        Loaded::History(..) if samples.len() < 2 => html! {
            <div class="chart-empty" role="status"><strong>{ say::nothing() }</strong><span>{ say::nothing_why() }</span></div>
        },
        Loaded::History(..) => {
            let (least, most) =
                samples.iter().fold((f64::MAX, f64::MIN), |(least, most), sample| {
                    (least.min(sample.min), most.max(sample.max))
                });
            let (fit, decimals, unit) = match *shown {
                Shown::Room => (Fit::FromZero(12.0), 1, " %"),
                Shown::Ltv => (Fit::Around(8.0), 1, " %"),
                Shown::Health => (Fit::Around(0.2), 2, ""),
            };
            let scale = match fit {
                Fit::FromZero(floor) => Scale::from_zero(most, floor),
                Fit::Around(floor) => Scale::around(least, most, floor),
            };
            html! {
                <>
                    <Chart label={say::chart(props.id.as_str(), shown.word(), range.word())} samples={Rc::new(samples)} {from} {to} {scale} {fit} {decimals} {unit}
                        until_now=true bands={bands(*shown, props.measure, &props.row, scale)} marks={marks(&props.id, &all)} {detail} {on_zoom} {on_export} />
                    { exported }
                </>
            }
        }
    };
    html! {
        <section class="card" data-testid="vault-chart" aria-label={say::title()}>
            <header class="card-head chart-head"><h2>{ say::title() }</h2>{ choices }</header>
            { body }
        </section>
    }
}

fn segment(word: &'static str, id: &'static str, on: bool, choose: impl Fn() + 'static) -> Html {
    let onclick = Callback::from(move |_: MouseEvent| choose());
    html! {
        <button type="button" role="radio" class="segment" data-testid={id} aria-checked={on.to_string()} {onclick}>{ word }</button>
    }
}

/// Reads the history, and reads it again with each minute that brings something.
#[hook]
fn use_history(id: &VaultId, range: Range, shown: Shown, minute: i64) -> UseStateHandle<Loaded> {
    let session = use_session();
    let loaded = use_state_eq(|| Loaded::Waiting);
    let set = loaded.setter();
    use_effect_with((id.clone(), range, shown, minute), move |(id, range, shown, _)| {
        let to = clock::now();
        let query = HistoryQuery {
            vault: id.clone(),
            figures: vec![shown.figure()],
            from: UnixMillis(to.0 - range.millis()),
            to,
            points: HistoryQuery::POINTS_LIMIT,
        };
        spawn_local(async move {
            set.set(match session.vault_history(query).await {
                Ok(history) => Loaded::History(Rc::new(history), to),
                Err(error) => Loaded::Failed(error.in_words().into()),
            });
        });
    });
    loaded
}

/// The stretch that is looked at, as finely as it is recorded.
#[hook]
fn use_detail(id: &VaultId, shown: Shown, zoom: Option<Span>) -> Option<Rc<Vec<Sample>>> {
    let session = use_session();
    let detail = use_state_eq(|| None::<Rc<Vec<Sample>>>);
    let set = detail.setter();
    use_effect_with((id.clone(), shown, zoom), move |(id, shown, zoom)| {
        let Some(Span { from, to }) = *zoom else { return set.set(None) };
        let shown = *shown;
        let query = HistoryQuery {
            vault: id.clone(),
            figures: vec![shown.figure()],
            from,
            to,
            points: HistoryQuery::POINTS_LIMIT,
        };
        spawn_local(async move {
            // Without it the stretch is drawn of what the whole has.
            if let Ok(history) = session.vault_history(query).await {
                set.set(Some(Rc::new(recorded(&history, shown))));
            }
        });
    });
    (*detail).clone()
}

/// What was recorded, and after it what this window has seen since.
fn drawn(
    history: &HistoryView,
    shown: Shown,
    row: &VaultRow,
    trend: &Trend,
    to: UnixMillis,
) -> Vec<Sample> {
    let span = i64::from(history.step) * 1_000;
    let mut samples = recorded(history, shown);
    let recorded = samples.last().map_or(i64::MIN, |last| last.at.0.saturating_add(span));
    let seen = |at: UnixMillis, value: f64| Sample {
        at,
        span: span.max(60_000),
        min: value,
        max: value,
        last: value,
    };
    if shown == Shown::Room {
        let later = trend.points().filter(|point| point.at.0 >= recorded && point.at <= to);
        samples.extend(later.map(|point| seen(point.at, point.room)));
    }
    let newest = samples.last().map_or(i64::MIN, |last| last.at.0);
    if let Some(value) = shown.now(row)
        && row.received.0 > newest
    {
        samples.push(seen(row.received.min(to), value));
    }
    samples
}

fn recorded(history: &HistoryView, shown: Shown) -> Vec<Sample> {
    let span = i64::from(history.step) * 1_000;
    history
        .series
        .iter()
        .filter_map(|series| match (shown, series) {
            (Shown::Room, SeriesView::Room(points)) | (Shown::Ltv, SeriesView::Ltv(points)) => {
                Some(sampled(points, span, |percent| percent.0))
            }
            (Shown::Health, SeriesView::Health(points)) => {
                Some(sampled(points, span, |factor| factor.0))
            }
            _ => None,
        })
        .flatten()
        .collect()
}

fn sampled<T: Copy>(
    points: &[PointView<T>],
    span: i64,
    number: impl Fn(T) -> Decimal,
) -> Vec<Sample> {
    let float = |value: T| number(value).to_f64();
    points
        .iter()
        .filter_map(|point| {
            let (min, max, last) = (float(point.min)?, float(point.max)?, float(point.last)?);
            Some(Sample { at: point.at, span, min, max, last })
        })
        .collect()
}

fn marks(id: &VaultId, all: &[Rc<NotificationView>]) -> Vec<Mark> {
    let own = all.iter().filter(|one| one.vault.as_ref() == Some(id));
    own.map(|one| Mark {
        at: one.timestamp,
        level: one.severity,
        title: format!("{} {}", clock::moment(one.timestamp), one.title).into(),
    })
    .collect()
}

fn bands(shown: Shown, measure: Option<Measure>, row: &VaultRow, scale: Scale) -> Vec<Band> {
    let limit = match row.limit {
        Some(domain::solvency::Limit::LiquidationThreshold(limit)) => limit.0.to_f64(),
        _ => None,
    };
    let liquidation = |lower: f64, upper: f64| {
        vec![Band { level: Level::Critical, lower, upper, label: say::liquidation().into() }]
    };
    match (shown, limit) {
        (Shown::Room, _) => room_bands(measure, scale),
        (Shown::Ltv, Some(limit)) if limit < scale.top => liquidation(limit, scale.top),
        (Shown::Health, _) if scale.bottom < 1.0 => liquidation(scale.bottom, 1.0),
        _ => Vec::new(),
    }
}

/// The bands of the ladder, in percent left.
fn room_bands(measure: Option<Measure>, scale: Scale) -> Vec<Band> {
    let yardstick = match measure {
        Some(Measure::CorrelatedRoom(_)) => Yardstick::CorrelatedRoom,
        _ => Yardstick::Room,
    };
    let mut lower = 0.0;
    let mut bands = Vec::new();
    for level in [Level::Critical, Level::High, Level::Medium] {
        let threshold = yardstick.threshold(level);
        if let Some((at, upper)) = threshold.and_then(|at| Some((at, at.to_f64()?))) {
            let word = level_word(Some(level));
            // One that goes beyond the axis shows no line it does not have there.
            let label = if upper > scale.top {
                word.to_owned()
            } else {
                format!("{word} {}", format::setting(at))
            };
            bands.push(Band { level, lower, upper, label: label.into() });
            lower = upper;
        }
    }
    bands
}

#[cfg(test)]
mod tests {
    use domain::Percent;

    use super::*;
    use crate::live::fixture::row;

    fn percent(text: &str) -> Percent {
        text.parse().unwrap()
    }

    #[test]
    fn what_was_seen_since_follows_what_was_recorded() {
        let point = |at: i64, value: &str| PointView {
            at: UnixMillis(at),
            min: percent(value),
            max: percent(value),
            last: percent(value),
        };
        let history = HistoryView {
            step: 60,
            series: vec![SeriesView::Room(vec![point(0, "20"), point(60_000, "19.5")])],
        };
        let mut trend = Trend::default();
        for at in [90_000, 130_000, 140_000] {
            trend.record(UnixMillis(at), 18.0);
        }
        let mut row = row("A").low("17").0;
        row.received = UnixMillis(150_000);
        let samples = drawn(&history, Shown::Room, &row, &trend, UnixMillis(200_000));
        let times: Vec<_> = samples.iter().map(|sample| sample.at.0).collect();
        // 90 s lies within the second minute, which was recorded.
        assert_eq!(times, [0, 60_000, 130_000, 140_000, 150_000]);
        assert_eq!(samples.last().unwrap().last, 17.0);
        assert!(drawn(&history, Shown::Ltv, &row, &trend, UnixMillis(200_000)).is_empty());
    }

    #[test]
    fn correlated_pairs_have_their_own_bands() {
        let scale = Scale { bottom: 0.0, top: 9.0 };
        let usual = room_bands(None, scale);
        assert_eq!((usual[0].level, usual[0].upper, usual[0].lower), (Level::Critical, 8.0, 0.0));
        assert_eq!(usual[0].label, "Critical 8");
        let correlated = room_bands(Some(Measure::CorrelatedRoom(percent("4"))), scale);
        assert_eq!((correlated[2].upper, correlated[2].lower), (10.0, 5.0));
        assert_eq!(correlated[2].label, "Medium");
    }

    #[test]
    fn the_liquidation_line_of_the_ltv_is_there_when_it_is_near() {
        let mut row = row("A").low("17").0;
        row.limit = Some(domain::solvency::Limit::LiquidationThreshold(percent("82.5")));
        let near = bands(Shown::Ltv, None, &row, Scale { bottom: 70.0, top: 85.0 });
        assert_eq!((near[0].lower, near[0].upper), (82.5, 85.0));
        assert!(bands(Shown::Ltv, None, &row, Scale { bottom: 60.0, top: 70.0 }).is_empty());
    }
}
