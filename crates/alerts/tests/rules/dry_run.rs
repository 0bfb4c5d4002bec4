use alerts::rule::{DryRun, Moment};
use domain::ChainId;
use domain::Level;
use domain::market::{Market, MarketPatch};
use domain::vault::VaultPatch;

use crate::{at, book, id, simple};

fn ltv(run: &mut DryRun, second: i64, ltv: &str) {
    let patch: VaultPatch = serde_json::from_str(&format!("{{\"ltv\":\"{ltv}\"}}")).unwrap();
    run.update(at(second), &id("A"), |vault| vault.apply(patch));
}

#[test]
fn when_it_would_have_fired() {
    let rule = simple("ltv", "above", "70", "")
        .replace("for = \"0s\"", "for = \"60s\"")
        .replace("recovery = \"0s\"", "recovery = \"2m\"");
    let mut run = DryRun::new(book(&rule));
    ltv(&mut run, 0, "60");
    ltv(&mut run, 3_600, "71");
    ltv(&mut run, 3_630, "69"); // too short
    ltv(&mut run, 7_200, "75");
    ltv(&mut run, 10_800, "60");
    ltv(&mut run, 14_400, "80");
    let report = run.finish(at(20_000));
    assert_eq!((report.raised, report.open, report.values), (2, 1, 6));
    let timeline: Vec<_> = report
        .timeline
        .iter()
        .map(|moment| match moment {
            Moment::Raised { at, level, .. } => ("raised", *at, *level),
            Moment::Worse { at, level, .. } => ("worse", *at, *level),
            Moment::Over { at, level, .. } => ("over", *at, *level),
        })
        .collect();
    assert_eq!(
        timeline,
        [
            ("raised", at(7_260), Level::High),
            ("over", at(10_920), Level::High),
            ("raised", at(14_460), Level::High),
        ],
        "to the second, however far the values lie apart"
    );
    assert_eq!((report.from, report.to), (Some(at(0)), Some(at(20_000))));
}

#[test]
fn silence_and_markets_are_played_too() {
    let rules = format!(
        "{}{}",
        simple("data_age", "above", "\"5m\"", ""),
        simple("price", "below", "-10", "token = \"WETH\"\nchange = \"percent\"\nover = \"30m\"")
            .replace("\"r\"", "\"m\"")
    );
    let mut run = DryRun::new(book(&rules));
    ltv(&mut run, 0, "60");
    ltv(&mut run, 1_000, "60");
    let mut market = Market::unknown(ChainId(1));
    for (second, price) in [(1_000, 2_000), (1_100, 1_700)] {
        let patch = format!("{{\"priceFeeds\":{{\"WETH\":\"{price}\"}}}}");
        market.apply(serde_json::from_str::<MarketPatch>(&patch).unwrap());
        run.market(at(second), &market);
    }
    let report = run.finish(at(1_200));
    let raised: Vec<_> = report
        .timeline
        .iter()
        .filter_map(|moment| match moment {
            Moment::Raised { at, condition, .. } => Some((*at, condition.to_string())),
            _ => None,
        })
        .collect();
    assert_eq!(raised, [(at(300), "rule:r A".to_owned()), (at(1_100), "rule:m@1".to_owned())]);
}
