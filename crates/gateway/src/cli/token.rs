use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use gateway::{ListedToken, NewToken, TokenFile};
use jiff::{SignedDuration, Timestamp};

use super::units::duration;

#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    /// Make a token and print it, this once; the file holds only its hash
    New(NewArguments),
    /// List names, tenants, rights and expiries
    List(FileArguments),
    /// Take a token out by its name; running gateways end its connections
    Revoke {
        /// As `list` shows it.
        name: String,
        #[command(flatten)]
        file: FileArguments,
    },
}

#[derive(Debug, Args)]
pub(crate) struct FileArguments {
    /// The file that the gateway is started with.
    #[arg(long, value_name = "FILE", default_value = "tokens.toml")]
    tokens: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct NewArguments {
    /// Whose it is, to find it again: 1 to 64 characters.
    name: String,

    #[command(flatten)]
    file: FileArguments,

    /// The one tenant it opens.
    #[arg(long, value_name = "TENANT", default_value = "default")]
    tenant: String,

    /// A topic its bearer may read: an exact type or a prefix ending in *; may be given several times.
    #[arg(long, value_name = "TOPIC")]
    read: Vec<String>,

    /// A type its bearer may publish, in the same way.
    #[arg(long, value_name = "TYPE")]
    publish: Vec<String>,

    /// When it ends: in a time such as 90d, or at one such as 2027-01-31T00:00:00Z [default: never].
    #[arg(long, value_name = "WHEN", value_parser = expiry)]
    expires: Option<Timestamp>,

    /// Let its bearer see /metrics, whose figures are of all tenants.
    #[arg(long)]
    metrics: bool,
}

impl TokenCommand {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        match self {
            Self::New(new) => new.run(),
            Self::List(file) => {
                say(&table(&TokenFile::new(file.tokens).list()?, Timestamp::now()))?;
                Ok(())
            }
            Self::Revoke { name, file } => Ok(TokenFile::new(file.tokens).revoke(&name)?),
        }
    }
}

impl NewArguments {
    fn run(self) -> anyhow::Result<()> {
        if self.read.is_empty() && self.publish.is_empty() && !self.metrics {
            bail!(
                "a token without a right opens nothing: give --read '*' for all topics, or --publish TYPE"
            );
        }
        let file = TokenFile::new(self.file.tokens);
        let new = NewToken {
            name: self.name,
            tenant: self.tenant,
            read: self.read,
            publish: self.publish,
            expires: self.expires,
            metrics: self.metrics,
        };
        let token = file.add(&new)?;
        say(&format!("{}\n", token.as_str())).with_context(|| {
            format!("the token is made and could not be shown: revoke `{}`", new.name)
        })
    }
}

/// What a command was asked for. Nobody may be there to read it.
fn say(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

fn expiry(text: &str) -> anyhow::Result<Timestamp> {
    let at = match duration(text) {
        Ok(duration) => {
            let duration = SignedDuration::try_from(duration).context("that is too long")?;
            Timestamp::now().checked_add(duration).context("that is too long")?
        }
        Err(_) => text.parse().context("write it like 90d or 2027-01-31T00:00:00Z")?,
    };
    if at <= Timestamp::now() {
        bail!("that is over already");
    }
    Ok(at)
}

fn table(tokens: &[ListedToken], now: Timestamp) -> String {
    let list = |topics: &[String]| match topics {
        [] => "-".to_owned(),
        topics => topics.join(","),
    };
    let row = |token: &ListedToken| {
        let expires = match token.expires {
            None => "never".to_owned(),
            Some(at) if at <= now => format!("{at} (over)"),
            Some(at) => at.to_string(),
        };
        let metrics = if token.metrics { "yes" } else { "-" };
        let (read, publish) = (list(&token.read), list(&token.publish));
        [token.name.clone(), token.tenant.clone(), read, publish, metrics.to_owned(), expires]
    };
    let head = ["NAME", "TENANT", "READ", "PUBLISH", "METRICS", "EXPIRES"].map(str::to_owned);
    let rows: Vec<_> = std::iter::once(head).chain(tokens.iter().map(row)).collect();
    let width = |at: usize| rows.iter().map(|row| row[at].chars().count()).max().unwrap_or(0);
    let widths: [usize; 6] = std::array::from_fn(width);
    let line = |row: &[String; 6]| {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
        format!("{}\n", cells.collect::<Vec<_>>().join("  ").trim_end())
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expiries_lie_ahead() {
        let soon = expiry("90d").unwrap();
        assert!(
            soon > Timestamp::now()
                && soon < Timestamp::now() + SignedDuration::from_hours(24 * 91)
        );
        assert_eq!(expiry("2099-01-31T00:00:00Z").unwrap().to_string(), "2099-01-31T00:00:00Z");
        for bad in ["", "soon", "2020-01-01T00:00:00Z", "2099-01-31", "99999999999d"] {
            assert!(expiry(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn tokens_are_listed_in_columns() {
        let token = ListedToken {
            name: "desk".into(),
            tenant: "risk".into(),
            read: vec!["*".into()],
            publish: vec!["a".into(), "b*".into()],
            expires: Some(Timestamp::UNIX_EPOCH),
            metrics: false,
        };
        let watcher = ListedToken { publish: Vec::new(), expires: None, ..token.clone() };
        let table = table(&[token, watcher], Timestamp::UNIX_EPOCH);
        let expected = "\
NAME  TENANT  READ  PUBLISH  METRICS  EXPIRES
desk  risk    *     a,b*     -        1970-01-01T00:00:00Z (over)
desk  risk    *     -        -        never
";
        assert_eq!(table, expected);
    }
}
