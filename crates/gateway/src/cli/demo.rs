use std::num::NonZeroU16;
use std::path::PathBuf;
use std::str::FromStr;

use clap::error::ErrorKind;
use gateway::{DemoOptions, Performance, Rate, Repeat, Replay, Scenario, Source, Speed};
use tracing::{info, warn};

/// What the gateway plays by itself.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct DemoArguments {
    /// Play a simulated market, a scenario of your own (FILE.toml) or a recording (FILE.ndjson).
    ///
    /// calm: a first critical vault within a minute. stormy: stress and jumps, within 20 seconds. crash: the market
    /// falls by a fifth right away, vaults are liquidated. A file is a scenario when it ends in .toml, and a recording
    /// of `vaultwatchctl record` otherwise.
    #[arg(
        long,
        value_name = "SCENARIO|FILE",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "calm"
    )]
    demo: Option<Demo>,

    /// Vault updates per second of a built-in demo, 1 to 50000 [default: 20 calm, 40 stormy, 60 crash].
    #[arg(long, value_name = "N", requires = "demo")]
    rate: Option<Rate>,

    /// Vaults of a built-in demo, 1 to 65535 [default: 200].
    #[arg(long, value_name = "N", requires = "demo")]
    vaults: Option<NonZeroU16>,

    /// The seed of a demo or scenario: the same one plays the same market [default: 1, or the scenario's].
    #[arg(long, value_name = "N", requires = "demo")]
    seed: Option<u64>,

    /// How many times as fast a file is played, 1 to 1000 [default: 1].
    #[arg(long, value_name = "N", requires = "demo")]
    speed: Option<Speed>,

    /// Begin a file anew at its end.
    #[arg(long, requires = "demo")]
    repeat: bool,
}

/// What `--demo` names.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Demo {
    Built(Scenario),
    File(PathBuf),
}

impl FromStr for Demo {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(scenario) = text.parse() {
            return Ok(Self::Built(scenario));
        }
        let path = PathBuf::from(text);
        // A misspelt name should not be looked for as a file.
        if path.is_file() {
            return Ok(Self::File(path));
        }
        Err("there is neither a built-in scenario of that name (calm, stormy, crash) nor such a file".into())
    }
}

impl DemoArguments {
    /// Reads what is to be played.
    ///
    /// # Errors
    /// A file that is none of ours, or options that mean nothing for it.
    pub(crate) fn source(&self) -> anyhow::Result<Source> {
        match &self.demo {
            None => Ok(Source::Relay),
            Some(Demo::Built(scenario)) => self.built(*scenario),
            Some(Demo::File(path)) => {
                if self.rate.is_some() || self.vaults.is_some() {
                    let path = path.display();
                    let reason = "--rate and --vaults are for the built-in demos, and this says what it plays";
                    return Err(usage(format!("{reason}: {path}")).into());
                }
                let speed = self.speed.unwrap_or_default();
                let repeat = if self.repeat { Repeat::Forever } else { Repeat::Once };
                let source = Source::file(path, self.seed, speed, repeat)?;
                if self.seed.is_some() && matches!(source, Source::Replay(_)) {
                    let reason = "--seed means nothing for a recording: it is played as it was";
                    return Err(usage(reason).into());
                }
                Ok(source)
            }
        }
    }

    fn built(&self, scenario: Scenario) -> anyhow::Result<Source> {
        if self.speed.is_some() || self.repeat {
            let reason =
                "--speed and --repeat are for files: a built-in demo goes on for ever, at --rate";
            return Err(usage(reason).into());
        }
        let default = DemoOptions::default();
        Ok(Source::Demo(DemoOptions {
            scenario,
            seed: self.seed.unwrap_or(default.seed),
            vaults: self.vaults.unwrap_or(default.vaults),
            rate: self.rate,
        }))
    }
}

/// Options that make no sense together.
fn usage(reason: impl std::fmt::Display) -> clap::Error {
    clap::Error::raw(ErrorKind::ArgumentConflict, format!("{reason}\n"))
}

/// Says what is going to be played, and what of it cannot be.
pub(crate) fn announce(source: &Source) {
    for complaint in source.complaints() {
        warn!("{complaint}");
    }
    match source {
        Source::Demo(demo) => info!(
            scenario = %demo.scenario,
            vaults = demo.vaults,
            updates_per_second = demo.effective_rate().per_second(),
            seed = demo.seed,
            "playing the demo market"
        ),
        Source::Replay(Replay { recording, speed, repeat }) => {
            info!(
                file = %recording.path.display(),
                messages = recording.messages,
                seconds = recording.length.as_secs_f64(),
                %speed,
                ?repeat,
                "playing a recording"
            );
        }
        Source::Script(Performance { script, speed, repeat, .. }) => info!(
            title = script.title(),
            vaults = script.vaults(),
            %speed,
            ?repeat,
            "playing a scenario"
        ),
        Source::Relay => info!("handing on what clients publish"),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        demo: DemoArguments,
    }

    fn parse(arguments: &[&str]) -> Result<DemoArguments, clap::Error> {
        let arguments = std::iter::once("vaultwatch-gateway").chain(arguments.iter().copied());
        Line::try_parse_from(arguments).map(|line| line.demo)
    }

    #[track_caller]
    fn check(arguments: &[&str], expected: Source) {
        assert_eq!(parse(arguments).unwrap().source().unwrap(), expected);
    }

    #[test]
    fn the_demo_is_chosen_with_and_without_a_scenario() {
        check(&[], Source::Relay);
        check(&["--demo"], Source::Demo(DemoOptions::default()));
        let scenario = Scenario::Crash;
        check(&["--demo=crash"], Source::Demo(DemoOptions { scenario, ..DemoOptions::default() }));
        let (seed, vaults) = (9, NonZeroU16::new(7).unwrap());
        let rate = Some(Rate::new(50_000).unwrap());
        let options = DemoOptions { scenario: Scenario::Calm, seed, vaults, rate };
        check(
            &["--demo", "--seed", "9", "--vaults", "7", "--rate", "50000"],
            Source::Demo(options),
        );
    }

    #[test]
    fn nonsense_is_refused() {
        for (arguments, kind) in [
            (["--demo=sunny", "--seed=1"], ErrorKind::ValueValidation),
            (["--demo", "--rate=50001"], ErrorKind::ValueValidation),
            (["--rate=5", "--seed=1"], ErrorKind::MissingRequiredArgument),
            (["--demo", "--speed=1001"], ErrorKind::ValueValidation),
            (["--speed=2", "--repeat"], ErrorKind::MissingRequiredArgument),
        ] {
            assert_eq!(parse(&arguments).unwrap_err().kind(), kind, "{arguments:?}");
        }
    }

    #[test]
    fn options_that_mean_nothing_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.toml");
        std::fs::write(&path, "population = 3\n").unwrap();
        let demo = format!("--demo={}", path.display());
        assert!(matches!(parse(&[&demo, "--speed=9"]).unwrap().source(), Ok(Source::Script(_))));
        for arguments in [[&demo, "--rate=5"], [&demo, "--vaults=5"], ["--demo", "--repeat"]] {
            let refused = parse(&arguments).unwrap().source().unwrap_err();
            let kind = refused.downcast::<clap::Error>().unwrap().kind();
            assert_eq!(kind, ErrorKind::ArgumentConflict, "{arguments:?}");
        }
    }
}
