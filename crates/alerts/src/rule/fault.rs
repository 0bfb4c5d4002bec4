use std::fmt;

use domain::rules::Entry;
use rust_decimal::Decimal;
use smol_str::SmolStr;
use thiserror::Error;

use super::When;

/// An option that makes no sense: which one, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleError {
    pub entry: Entry,
    /// The rule's name, as it was written.
    pub name: Option<SmolStr>,
    /// Path of the field within the entry, `levels.high.exit`; empty: the entry as a whole.
    pub field: String,
    pub fault: Fault,
}

impl RuleError {
    /// The keys on the way to the field in the file: `rule`, `2`, `levels`, `high`, `exit`.
    #[must_use]
    pub fn path(&self) -> Vec<String> {
        let mut path = match self.entry {
            Entry::Rule(index) => vec!["rule".to_owned(), index.to_string()],
            Entry::Policy(index) => vec!["policy".to_owned(), index.to_string()],
            Entry::Labels => vec!["labels".to_owned()],
        };
        path.extend(self.field.split('.').filter(|key| !key.is_empty()).map(str::to_owned));
        path
    }
}

impl fmt::Display for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.entry, &self.name) {
            (Entry::Rule(_), Some(name)) => write!(f, "rule `{name}`: ")?,
            (Entry::Rule(index), None) => write!(f, "rule {}: ", index + 1)?,
            (Entry::Policy(index), _) => write!(f, "policy {}: ", index + 1)?,
            (Entry::Labels, _) => f.write_str("labels: ")?,
        }
        if !self.field.is_empty() {
            write!(f, "{} ", self.field)?;
        }
        self.fault.fmt(f)
    }
}

impl std::error::Error for RuleError {}

/// Why an option makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Fault {
    /// A name is part of command lines and of what is stored.
    #[error("is no name: 1 to 64 of a-z, 0-9, `_`, `-` and `.`")]
    BadName,
    /// Two definitions of one rule between which nothing decides.
    #[error("is the name of another rule with the same scope")]
    DuplicateName,
    /// Variants of a rule are about vaults: on markets and the platform there is no nearest.
    #[error("is the name of another rule, and only rules on vaults may have variants")]
    NoVariants,
    /// Not one of the words that are known here.
    #[error("is `{given}`; known are {known}")]
    Unknown { given: SmolStr, known: String },
    /// The field is needed by what else the rule says.
    #[error("is missing: {why}")]
    Missing { why: &'static str },
    /// The field has no meaning beside what else the rule says.
    #[error("does not belong here: {why}")]
    NotHere { why: &'static str },
    #[error("is not a decimal number; write 7.5 or \"7.5\"")]
    NotANumber,
    /// More digits than a TOML number keeps exactly.
    #[error("{}", domain::rules::TOO_MANY_DIGITS)]
    TooManyDigits,
    #[error("is no time; write a whole number with ms, s, m, h or d, as in 90s")]
    NotATime,
    /// The metric never takes such a value.
    #[error("is {given}, and the metric is {range}")]
    OutOfRange { given: Decimal, range: &'static str },
    /// The level would be left while it is entered.
    #[error(
        "is {exit}, on the wrong side of enter ({enter}): a level entered {when} a value is left {back}",
        back = when.back()
    )]
    ExitOnWrongSide { enter: Decimal, exit: Decimal, when: When },
    /// The worse level would be reached first.
    #[error("is {given}, but must lie {when} that of the level before it ({before})")]
    LevelsOutOfOrder { given: Decimal, before: Decimal, when: When },
    /// Longer than values are kept.
    #[error("is longer than the {limit} for which values are kept")]
    WindowTooLong { limit: &'static str },
    #[error("is shorter than {least}")]
    TooShort { least: &'static str },
    #[error("is longer than {limit}")]
    TooLong { limit: &'static str },
    #[error("is not known; labels are defined under [labels]")]
    UnknownLabel,
    #[error("is no vault's id, which may end in `*`")]
    BadVault,
    #[error("is no time zone, such as Europe/Berlin")]
    UnknownZone,
    #[error("is no time of day, such as 08:00")]
    BadTimeOfDay,
    /// Times of which one does not lie after the one before it.
    #[error("does not rise from each time to the next")]
    NotRising,
    /// Whoever sits at the machine is to hear it first.
    #[error(
        "has the other channels told before the sound begins: call_out_after is less than sound_after"
    )]
    CallOutBeforeSound,
    #[error("is empty")]
    Empty,
    #[error("has more than {limit} entries")]
    TooMany { limit: usize },
    #[error("names no rule")]
    UnknownRule,
}
