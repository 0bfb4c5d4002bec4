use std::rc::Rc;

use domain::UnixMillis;
use domain::view::{PulseView, SystemView};
use yew::prelude::*;

use super::super::export::use_plot_export;
use crate::backend::Plot;
use crate::design::chart::{Chart, Sample, Scale};
use crate::words::system as say;

#[derive(PartialEq, Properties)]
pub(super) struct PlotsProps {
    pub(super) system: Rc<SystemView>,
}

/// Messages a second and round trip, over the last ten minutes.
#[component]
pub(super) fn Plots(props: &PlotsProps) -> Html {
    let (on_export, exported) = use_plot_export();
    let system = &props.system;
    let pulse = &system.pulse;
    let rate = samples(pulse, |beat| Some(f64::from(beat.messages)));
    let trip = samples(pulse, |beat| beat.trip.map(|micros| f64::from(micros) / 1_000.0));
    html! {
        <section class="card" aria-label={say::plots()} data-testid="system-plots">
            <h2 class="card-head">{ say::messages() }</h2>
            { plot(say::messages_plot(), rate, system.at, (0, "", 5.0), &on_export) }
            <h2 class="card-head plot-head">{ say::trip() }</h2>
            { plot(say::trip_plot(), trip, system.at, (1, " ms", 2.0), &on_export) }
            { exported }
        </section>
    }
}

/// With the decimals and the unit of its figures, and the least that its axis reaches to.
fn plot(
    label: &'static str,
    samples: Vec<Sample>,
    now: UnixMillis,
    (decimals, unit, least): (usize, &'static str, f64),
    on_export: &Callback<Plot>,
) -> Html {
    if samples.len() < 2 {
        return html! { <div class="chart-empty small" role="status">{ say::nothing() }</div> };
    }
    let most = samples.iter().fold(0.0, |most: f64, sample| most.max(sample.max));
    let scale = Scale::from_zero(most, least);
    html! { <Chart {label} samples={Rc::new(samples)} from={beginning(now)} to={now} {scale} {decimals} {unit} until_now=true on_export={on_export.clone()} /> }
}

fn samples(pulse: &[PulseView], value: impl Fn(&PulseView) -> Option<f64>) -> Vec<Sample> {
    let sample = |beat: &PulseView| {
        let value = value(beat)?;
        Some(Sample { at: beat.at, span: 1_000, min: value, max: value, last: value })
    };
    pulse.iter().filter_map(sample).collect()
}

fn beginning(now: UnixMillis) -> UnixMillis {
    UnixMillis(now.0 - 1_000 * SystemView::PULSE as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_without_an_answer_has_no_round_trip() {
        let beat = |at, trip| PulseView { at: UnixMillis(at), messages: 3, trip };
        let pulse = [beat(0, Some(1_500)), beat(1_000, None)];
        let trips = samples(&pulse, |beat| beat.trip.map(|micros| f64::from(micros) / 1_000.0));
        assert_eq!(trips.iter().map(|one| one.last).collect::<Vec<_>>(), [1.5]);
        assert_eq!(samples(&pulse, |beat| Some(f64::from(beat.messages))).len(), 2);
    }
}
