//! What is left of figures after they were sealed, rolled up and forgotten, against what was recorded.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::sample::Figure;
use domain::{UnixMillis, VaultId};
use proptest::collection::vec;
use proptest::prelude::*;

use super::point::{Point, Spread};
use super::rollup::{self, Step};
use super::rows::{Rows, first_block};
use super::tier::Tier;
use super::{Recorded, SeriesKey, query};
use crate::{HistoryRetention, database, migration};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// A Wednesday in the middle of an hour.
const START: i64 = 1_763_554_321_000;

/// A history whose thread is the test.
struct Desk {
    rows: Rows,
    /// What was recorded, in the order in which it came.
    told: Vec<(UnixMillis, u8, i64)>,
}

impl Desk {
    fn new(retention: HistoryRetention) -> Self {
        let connection = database::in_memory(migration::HISTORY).unwrap();
        Self { rows: Rows::new(connection, retention).unwrap(), told: Vec::new() }
    }

    fn record(&mut self, at: UnixMillis, vault: u8, reading: i64) {
        self.told.push((at, vault, reading));
        let mut point = Point::default();
        point.set(Figure::Debt, Spread::one(reading));
        self.rows.write(&[Recorded { series: key(vault), at, point }]).unwrap();
    }

    /// Does all that is due.
    fn settle(&mut self, now: UnixMillis) {
        while rollup::step(&mut self.rows, now).unwrap() == Step::More {}
    }

    /// What a series is said to have been, in steps.
    fn read(&self, vault: u8, from: i64, to: i64, step: i64) -> BTreeMap<i64, Spread<i64>> {
        let range = UnixMillis(from)..UnixMillis(to);
        let points = query::in_steps(&self.rows.connection, &key(vault), range, step).unwrap();
        points
            .into_iter()
            .map(|(at, point)| (at.0, point.readings(Figure::Debt).unwrap()))
            .collect()
    }

    /// What it was.
    fn brute(&self, vault: u8, from: i64, to: i64, step: i64) -> BTreeMap<i64, Spread<i64>> {
        let mut all: BTreeMap<i64, Spread<i64>> = BTreeMap::new();
        // Within a minute by arrival, of several minutes the later one.
        let mut told: Vec<_> = self
            .told
            .iter()
            .filter(|(at, of, _)| *of == vault && (from..to).contains(&at.0))
            .collect();
        told.sort_by_key(|(at, ..)| at.0 / MINUTE);
        for (at, _, reading) in told {
            let spread = all.entry(at.0 - at.0 % step).or_insert(Spread::one(*reading));
            *spread = Spread {
                min: spread.min.min(*reading),
                max: spread.max.max(*reading),
                last: *reading,
            };
        }
        all
    }

    fn blocks(&self, tier: Tier) -> i64 {
        let sql = format!("SELECT count(*) FROM {}", tier.name());
        self.rows.connection.query_row(&sql, [], |row| row.get(0)).unwrap()
    }
}

fn key(vault: u8) -> SeriesKey {
    SeriesKey::Vault(VaultId::new(&format!("V-{vault}")).unwrap())
}

/// Nothing is forgotten.
fn for_ever() -> HistoryRetention {
    let long = Duration::from_secs(10 * 365 * 24 * 3_600);
    HistoryRetention { minutes: long, fives: long, hours: long, bytes: u64::MAX }
}

/// Minutes to the next sample, which vault, its debt in cents.
fn samples() -> impl Strategy<Value = Vec<(i64, u8, i64)>> {
    vec((prop_oneof![3 => 0i64..4, 1 => 0i64..900], 0u8..3, 0i64..1_000_000), 1..250)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn extremes_and_lasts_survive_every_roll_up(samples in samples(), settle_every in 1usize..40) {
        let mut desk = Desk::new(for_ever());
        let mut now = START;
        for (n, (gap, vault, reading)) in samples.into_iter().enumerate() {
            now += gap * MINUTE + 7_919 % MINUTE;
            desk.record(UnixMillis(now), vault, reading);
            if n % settle_every == 0 {
                desk.settle(UnixMillis(now));
            }
        }
        // Part of it sealed, then all of it rolled up.
        for later in [0, 2 * HOUR, DAY + HOUR, 8 * DAY] {
            desk.settle(UnixMillis(now + later));
            for step in [MINUTE, 5 * MINUTE, HOUR, DAY] {
                for vault in 0..3 {
                    let (from, to) = (START - START % DAY, now + 1);
                    prop_assert_eq!(desk.read(vault, from, to, step), desk.brute(vault, from, to, step));
                }
            }
        }
    }

    #[test]
    fn what_is_kept_is_kept_as_long_as_promised(samples in samples(), end in 0i64..3_000) {
        let mut desk = Desk::new(HistoryRetention::default());
        let mut now = START;
        for (gap, vault, reading) in samples {
            now += gap * MINUTE;
            desk.record(UnixMillis(now), vault, reading);
            desk.settle(UnixMillis(now));
        }
        now += end * MINUTE;
        desk.settle(UnixMillis(now));
        for (step, kept) in [(MINUTE, DAY), (5 * MINUTE, 30 * DAY), (HOUR, 365 * DAY)] {
            // From the first whole step on.
            let from = (now - kept) - (now - kept) % step + step;
            for vault in 0..3 {
                prop_assert_eq!(desk.read(vault, from, now + 1, step), desk.brute(vault, from, now + 1, step));
            }
        }
        prop_assert!(desk.rows.connection.query_row(
            "SELECT count(*) FROM minutes WHERE id < ?1",
            [Tier::Minutes.block_of(UnixMillis(now - 2 * DAY - HOUR)) << 24],
            |row| row.get::<_, i64>(0),
        ).unwrap() == 0, "and no longer");
    }

    #[test]
    fn a_clock_that_is_set_back_loses_no_extreme(
        samples in vec((-70i64..90, 0u8..2, 0i64..1_000_000), 1..200), settle_every in 1usize..10,
    ) {
        let mut desk = Desk::new(for_ever());
        let mut now = START;
        let mut most = now;
        for (n, (gap, vault, reading)) in samples.into_iter().enumerate() {
            now += gap * MINUTE;
            most = most.max(now);
            desk.record(UnixMillis(now), vault, reading);
            if n % settle_every == 0 {
                // The clock at its best: blocks are filled to which points still come.
                desk.settle(UnixMillis(most + DAY * i64::from(n % 3 == 0)));
            }
        }
        desk.settle(UnixMillis(most + 8 * DAY));
        let extremes = |all: BTreeMap<i64, Spread<i64>>| {
            all.into_iter().map(|(at, spread)| (at, spread.min, spread.max)).collect::<Vec<_>>()
        };
        for step in [MINUTE, 5 * MINUTE, HOUR, DAY] {
            for vault in 0..2 {
                prop_assert_eq!(
                    extremes(desk.read(vault, 0, most + 1, step)),
                    extremes(desk.brute(vault, 0, most + 1, step))
                );
            }
        }
    }
}

#[test]
fn an_hour_a_day_and_a_week_are_one_row_each() {
    let mut desk = Desk::new(HistoryRetention::default());
    let week = Tier::Hours.start_of(Tier::Hours.block_of(UnixMillis(START))).0;
    for minute in 0..7 * 24 * 60 {
        desk.record(UnixMillis(week + minute * MINUTE), 0, minute);
    }
    desk.settle(UnixMillis(week + 7 * DAY));
    assert_eq!(
        (desk.blocks(Tier::Fives), desk.blocks(Tier::Hours)),
        (6, 0),
        "the last day has its grace"
    );
    desk.settle(UnixMillis(week + 7 * DAY + 3 * MINUTE));
    assert_eq!((desk.blocks(Tier::Fives), desk.blocks(Tier::Hours)), (7, 1));
    assert!((24..=25).contains(&desk.blocks(Tier::Minutes)), "{}", desk.blocks(Tier::Minutes));
    desk.settle(UnixMillis(week + 38 * DAY));
    assert_eq!((desk.blocks(Tier::Minutes), desk.blocks(Tier::Fives)), (0, 0));
    desk.settle(UnixMillis(week + 373 * DAY));
    assert_eq!(first_block(&desk.rows.connection, Tier::Hours).unwrap(), None);
}

#[test]
fn a_history_that_is_too_large_loses_its_oldest_part_first() {
    let small = HistoryRetention { bytes: 80_000, ..HistoryRetention::default() };
    let mut desk = Desk::new(small);
    let mut random = fastrand::Rng::with_seed(1);
    let mut now = START;
    for _ in 0..6 * 24 * 60 {
        now += MINUTE;
        for vault in 0..3 {
            desk.record(UnixMillis(now), vault, random.i64(0..1_000_000_000));
        }
    }
    desk.settle(UnixMillis(now));
    assert!(rollup::used(&desk.rows.connection).unwrap() < 200_000);
    let today = desk.read(0, now - 2 * HOUR, now + 1, MINUTE);
    assert_eq!(today, desk.brute(0, now - 2 * HOUR, now + 1, MINUTE), "the newest is still there");
    let oldest = first_block(&desk.rows.connection, Tier::Fives).unwrap();
    assert!(oldest > Some(Tier::Fives.block_of(UnixMillis(START))), "{oldest:?}: its day has gone");
}

#[test]
fn a_point_far_in_the_future_is_no_trap() {
    let mut desk = Desk::new(HistoryRetention::default());
    desk.record(UnixMillis(START + 100 * 365 * DAY), 0, 1);
    desk.record(UnixMillis(START), 0, 2);
    desk.record(UnixMillis(-5), 0, 3);
    desk.settle(UnixMillis(START));
    let read = desk.read(0, START - HOUR, START + HOUR, MINUTE);
    assert_eq!(read, desk.brute(0, START - HOUR, START + HOUR, MINUTE));
}

#[test]
fn a_block_that_cannot_be_read_costs_that_block() {
    let mut desk = Desk::new(for_ever());
    for hour in 0..30 {
        desk.record(UnixMillis(START + hour * HOUR), 0, hour);
    }
    desk.settle(UnixMillis(START + 30 * HOUR));
    let broken = first_block(&desk.rows.connection, Tier::Minutes).unwrap().unwrap();
    let damage = "UPDATE minutes SET points = x'ff00' WHERE id >> 24 = ?1";
    desk.rows.connection.execute(damage, [broken]).unwrap();
    let range = UnixMillis(START - HOUR)..UnixMillis(START + 30 * HOUR);
    let error = query::in_steps(&desk.rows.connection, &key(0), range, MINUTE).unwrap_err();
    assert_eq!(error.kind, crate::StoreErrorKind::Malformed);
    // Rolled up without it.
    desk.settle(UnixMillis(START + 10 * DAY));
    assert!(desk.blocks(Tier::Hours) >= 1);
}
