use std::rc::Rc;

use domain::UnixMillis;
use domain::view::{PulseView, SystemView};
use yew::prelude::*;

use crate::design::chart::{Chart, Sample, Scale};
use crate::words::system as say;

/// Messages a second and round trip, over the last ten minutes.
pub(super) fn plots(system: &SystemView) -> Html {
    let pulse = &system.pulse;
    let rate = samples(pulse, |beat| Some(f64::from(beat.messages)));
    let trip = samples(pulse, |beat| beat.trip.map(|micros| f64::from(micros) / 1_000.0));
    html! {
        <section class="card" aria-label={say::plots()} data-testid="system-plots">
            <h2 class="card-head">{ say::messages() }</h2>
            { plot(say::messages_plot(), rate, system.at, 0, "", 5.0) }
            <h2 class="card-head plot-head">{ say::trip() }</h2>
            { plot(say::trip_plot(), trip, system.at, 1, " ms", 2.0) }
        </section>
    }
}

fn plot(
    label: &'static str,
    samples: Vec<Sample>,
    now: UnixMillis,
    decimals: usize,
    unit: &'static str,
    least: f64,
) -> Html {
    if samples.len() < 2 {
        return html! { <div class="chart-empty small" role="status">{ say::nothing() }</div> };
    }
    let most = samples.iter().fold(0.0, |most: f64, sample| most.max(sample.max));
    let scale = Scale::from_zero(most, least);
    html! { <Chart {label} samples={Rc::new(samples)} from={beginning(now)} to={now} {scale} {decimals} {unit} until_now=true /> }
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
