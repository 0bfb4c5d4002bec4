//! A vault's figures over time, from the history that the backend keeps.

use std::rc::Rc;

use domain::view::{HistoryQuery, HistoryView, NotificationView, PointView, SeriesView, VaultRow};
use domain::{Figure, Measure, UnixMillis, VaultId};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::super::export::use_plot_export;
use super::bands::bands;
use crate::backend::Answer;
use crate::clock;
use crate::design::chart::{Chart, Fit, Mark, Sample, Scale, Span};
use crate::live::{Topic, Trend};
use crate::session::{Asked, Pace, Session, use_asked, use_live, use_session};
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
pub(super) enum Shown {
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

    /// Decimals, and what stands behind them.
    fn written(self) -> (usize, &'static str) {
        match self {
            Self::Room | Self::Ltv => (1, " %"),
            Self::Health => (2, ""),
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

/// What is to be read.
#[derive(Clone, PartialEq)]
struct Wanted {
    id: VaultId,
    range: Range,
    shown: Shown,
}

/// What was read, and of what: another figure may be wanted by now.
#[derive(Clone)]
struct Read {
    of: Wanted,
    history: HistoryView,
    to: UnixMillis,
}

/// The axis ends at this moment, and so does what is read: the core records by the minute.
const PACE: Pace = Pace { settle: 0, period: 60_000 };

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
    let wanted = Wanted { id: props.id.clone(), range: *range, shown: *shown };
    let asked = use_asked(wanted, PACE, read);
    let zoom = use_state_eq(|| None::<Span>);
    let detail = use_detail(&props.id, *shown, *zoom);
    let on_zoom = {
        let zoom = zoom.setter();
        Callback::from(move |span: Option<Span>| zoom.set(span))
    };
    let (on_export, exported) = use_plot_export();
    let choices = html! {
        <>
            <span class="segments" role="group" aria-label={say::figure()}>
                { for Shown::ALL.into_iter().map(|one| segment(one.word(), one.id(), one == *shown, { let set = shown.setter(); move || set.set(one) })) }
            </span>
            <span class="segments" role="group" aria-label={say::range()}>
                { for Range::ALL.into_iter().map(|one| segment(one.word(), one.id(), one == *range, { let set = range.setter(); move || set.set(one) })) }
            </span>
        </>
    };
    let body = match &asked {
        // Until there is an answer of the figure that is wanted by now, the one before it stays.
        Asked::Answer(read) if read.of.id == props.id => {
            let detail = detail.filter(|_| read.of.shown == *shown);
            let Wanted { range, shown, .. } = read.of;
            let (from, to) = (UnixMillis(read.to.0 - range.millis()), read.to);
            let samples = drawn(&read.history, shown, &props.row, &props.trend, to);
            if samples.len() < 2 {
                html! { <div class="chart-empty" role="status"><strong>{ say::nothing() }</strong><span>{ say::nothing_why() }</span></div> }
            } else {
                let (scale, fit) = scale_of(shown, &samples);
                let (decimals, unit) = shown.written();
                html! {
                    <>
                        <Chart label={say::chart(props.id.as_str(), shown.word(), range.word())} samples={Rc::new(samples)} {from} {to} {scale} {fit} {decimals} {unit}
                            until_now=true bands={bands(shown, props.measure, &props.row, scale)} marks={marks(&props.id, &all)} {detail} {on_zoom} {on_export} />
                        { exported }
                    </>
                }
            }
        }
        Asked::Answer(_) | Asked::Waiting => {
            html! { <div class="chart-empty" role="status">{ say::reading() }</div> }
        }
        Asked::Failed(why) => {
            html! { <div class="chart-empty" role="status"><strong>{ say::unread() }</strong><span>{ why }</span></div> }
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
        <button type="button" class="segment" data-testid={id} aria-pressed={on.to_string()} {onclick}>{ word }</button>
    }
}

fn read(session: &Session, wanted: &Wanted) -> Answer<Read> {
    let (of, to) = (wanted.clone(), clock::now());
    let history = session.vault_history(HistoryQuery {
        vault: of.id.clone(),
        figures: vec![of.shown.figure()],
        from: UnixMillis(to.0 - of.range.millis()),
        to,
        points: HistoryQuery::POINTS_LIMIT,
    });
    Box::pin(async move { Ok(Read { of, history: history.await?, to }) })
}

fn scale_of(shown: Shown, samples: &[Sample]) -> (Scale, Fit) {
    let extremes = samples.iter().fold((f64::MAX, f64::MIN), |(least, most), sample| {
        (least.min(sample.min), most.max(sample.max))
    });
    let fit = match shown {
        Shown::Room => Fit::FromZero(12.0),
        Shown::Ltv => Fit::Around(8.0),
        Shown::Health => Fit::Around(0.2),
    };
    let scale = match fit {
        Fit::FromZero(floor) => Scale::from_zero(extremes.1, floor),
        Fit::Around(floor) => Scale::around(extremes.0, extremes.1, floor),
    };
    (scale, fit)
}

/// The stretch that is looked at, as finely as it is recorded. Nothing until that of this figure has been read.
#[hook]
fn use_detail(id: &VaultId, shown: Shown, zoom: Option<Span>) -> Option<Rc<Vec<Sample>>> {
    let session = use_session();
    let wanted = (id.clone(), shown, zoom);
    let detail = use_state_eq(|| None);
    let set = detail.setter();
    let latest = use_mut_ref(|| None);
    *latest.borrow_mut() = Some(wanted.clone());
    use_effect_with(wanted.clone(), move |wanted| {
        let (id, shown, Some(Span { from, to })) = wanted.clone() else { return set.set(None) };
        let query = HistoryQuery {
            vault: id,
            figures: vec![shown.figure()],
            from,
            to,
            points: HistoryQuery::POINTS_LIMIT,
        };
        let wanted = wanted.clone();
        spawn_local(async move {
            // Without it the stretch is drawn of what the whole has.
            if let Ok(history) = session.vault_history(query).await
                && latest.borrow().as_ref() == Some(&wanted)
            {
                set.set(Some((wanted, Rc::new(recorded(&history, shown)))));
            }
        });
    });
    let read = detail.as_ref().filter(|(of, _)| *of == wanted);
    read.map(|(_, samples)| Rc::clone(samples))
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
}
