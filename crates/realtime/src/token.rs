//! Where the token comes from, and when to ask for the next one. Who asks, and once at a time, is the connection's
//! affair: [`obtain`] is one question with a limit, [`refresh_at`] is the plan.

use std::fmt::{self, Debug};
use std::pin::Pin;
use std::process::Stdio;
use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use serde::Deserialize;
use thiserror::Error;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::Command;
use tokio::time::timeout;
use wire::UnixMillis;

use crate::Secret;

/// How long a provider may take where nothing else is chosen.
pub const TOKEN_LIMIT: Duration = Duration::from_secs(10);
/// A token that lives no longer than this is not asked for more often: a provider with a wrong clock would be run in
/// a busy loop.
pub const LEAST_TOKEN_LIFE: Duration = Duration::from_secs(5);
/// Longest token taken from a command, in bytes. Servers refuse headers from about 8 KiB on.
const LONGEST: u64 = 16 * 1024;

/// A credential and its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Goes into the header as it is.
    pub secret: Secret,
    /// `None` when it does not tell, which is no promise that it lasts.
    pub expires_at: Option<UnixMillis>,
}

impl Token {
    /// A token whose end is read from it where it is a JWT. The signature is not verified: that is the server's to do,
    /// and a wrong end only costs a refresh.
    ///
    /// # Errors
    /// [`TokenError::Empty`], [`TokenError::NotHeaderText`].
    pub fn new(secret: Secret) -> Result<Self, TokenError> {
        let text = secret.expose();
        if text.is_empty() {
            return Err(TokenError::Empty);
        }
        if !text.bytes().all(|b| (0x21..=0x7e).contains(&b)) {
            return Err(TokenError::NotHeaderText);
        }
        let expires_at = jwt_expiry(text);
        Ok(Self { secret, expires_at })
    }
}

/// What [`TokenProvider::token`] promises.
pub type Providing = Pin<Box<dyn Future<Output = Result<Token, TokenError>> + Send>>;

/// Gives a token whenever one is needed: for an attempt to connect, and before the last one ends.
pub trait TokenProvider: Debug + Send + Sync + 'static {
    /// A token that is good now. The caller limits the time and drops the future when it is over.
    fn token(&self) -> Providing;
}

/// Why there is no token. None of them repeats what a provider said: it may be the secret.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "a variant says what its fields are")]
pub enum TokenError {
    /// The environment variable is not set, or is not UTF-8.
    #[error("the environment variable {name} is not set; set it, or name another one")]
    NotSet { name: String },
    /// There is none in what should be one.
    #[error("the token is empty; see what provides it")]
    Empty,
    /// Other characters than visible ASCII.
    #[error("the token holds characters a header cannot carry; check it for spaces and line ends")]
    NotHeaderText,
    /// There is no such program, or it may not be run, or reading from it failed.
    #[error("the token command `{program}` could not be run: {reason}")]
    NotRun { program: String, reason: String },
    /// It ended with another code than 0; `None` when a signal ended it.
    #[error("the token command `{program}` failed{}; run it by hand to see why", shown(*code))]
    Failed { program: String, code: Option<i32> },
    /// More than this many bytes, without the end of a line.
    #[error("the token's first line is longer than {limit} bytes; that is no token")]
    TooLong { limit: u64 },
    /// Nothing within this time.
    #[error("no token came within {} s; see what keeps the provider", limit.as_secs_f32())]
    TimedOut { limit: Duration },
    /// Of a provider that a program brings along.
    #[error("{reason}")]
    Other { reason: String },
}

fn shown(code: Option<i32>) -> String {
    code.map(|code| format!(" with code {code}")).unwrap_or_default()
}

/// One token, or the reason why there is none, within the limit.
///
/// # Errors
/// The provider's, and [`TokenError::TimedOut`].
pub async fn obtain(provider: &dyn TokenProvider, limit: Duration) -> Result<Token, TokenError> {
    timeout(limit, provider.token()).await.unwrap_or(Err(TokenError::TimedOut { limit }))
}

/// When to ask for the next token: after so many percent of what was left of this one's life when it was `issued` to us,
/// but at least [`LEAST_TOKEN_LIFE`] after that, and not before `now`. `None` for a token that tells no end.
#[must_use]
pub fn refresh_at(
    now: UnixMillis,
    issued: UnixMillis,
    expires: Option<UnixMillis>,
    percent: u32,
) -> Option<UnixMillis> {
    let life = expires?.since(issued);
    let wait = (life / 100 * percent).max(LEAST_TOKEN_LIFE);
    Some(issued.plus(wait).max(now))
}

/// The same token for ever.
#[derive(Clone, Debug)]
pub struct StaticToken(pub Secret);

impl TokenProvider for StaticToken {
    fn token(&self) -> Providing {
        let token = Token::new(self.0.clone());
        Box::pin(async move { token })
    }
}

/// An environment variable, read anew each time.
#[derive(Clone, Debug)]
pub struct EnvironmentToken {
    name: String,
}

impl EnvironmentToken {
    /// Of this name.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }
}

impl TokenProvider for EnvironmentToken {
    fn token(&self) -> Providing {
        let name = self.name.clone();
        Box::pin(async move {
            let value = std::env::var(&name).map_err(|_| TokenError::NotSet { name })?;
            Token::new(Secret::new(value.trim()))
        })
    }
}

/// The first line a program prints, run anew each time and without a shell. It gets no input; what it writes to
/// standard error goes where ours goes. It is killed when whoever asked gives up.
#[derive(Clone)]
pub struct CommandToken {
    program: String,
    arguments: Vec<String>,
}

/// Without the arguments: they may be the password of a vault.
impl Debug for CommandToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CommandToken").field("program", &self.program).finish_non_exhaustive()
    }
}

impl CommandToken {
    /// A program, found as the system finds programs, and its arguments.
    #[must_use]
    pub fn new(program: impl Into<String>, arguments: Vec<String>) -> Self {
        Self { program: program.into(), arguments }
    }

    async fn run(self) -> Result<Token, TokenError> {
        let Self { program, arguments } = self;
        let not_run = |program: &str, error: std::io::Error| TokenError::NotRun {
            program: program.to_owned(),
            reason: error.to_string(),
        };
        let mut child = Command::new(&program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            // Dropping the future is how the caller ends it.
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| not_run(&program, error))?;
        let stdout = child.stdout.take().expect("it is piped");
        let mut line = Vec::new();
        let mut reader = BufReader::new(stdout.take(LONGEST + 1));
        reader.read_until(b'\n', &mut line).await.map_err(|error| not_run(&program, error))?;
        if line.len() as u64 > LONGEST {
            return Err(TokenError::TooLong { limit: LONGEST });
        }
        // What else it prints is read and let go, so that it does not fail for nobody listening.
        let mut rest = reader.into_inner().into_inner();
        tokio::io::copy(&mut rest, &mut tokio::io::sink())
            .await
            .map_err(|error| not_run(&program, error))?;
        let status = child.wait().await.map_err(|error| not_run(&program, error))?;
        if !status.success() {
            return Err(TokenError::Failed { program, code: status.code() });
        }
        let text = String::from_utf8(line).map_err(|_| TokenError::NotHeaderText)?;
        Token::new(Secret::new(text.trim()))
    }
}

impl TokenProvider for CommandToken {
    fn token(&self) -> Providing {
        let command = self.clone();
        Box::pin(command.run())
    }
}

/// The `exp` of a JWT (RFC 7519, 4.1.4: seconds, fractions allowed).
fn jwt_expiry(token: &str) -> Option<UnixMillis> {
    #[derive(Deserialize)]
    struct Claims {
        exp: f64,
    }
    let mut parts = token.split('.');
    let (_, claims, _) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let claims = BASE64URL_NOPAD.decode(claims.trim_end_matches('=').as_bytes()).ok()?;
    let Claims { exp } = serde_json::from_slice(&claims).ok()?;
    // A cast from a float saturates.
    (exp.is_finite() && exp > 0.0).then_some(UnixMillis((exp * 1_000.0) as i64))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn jwt(claims: &str) -> String {
        format!("eyJhbGciOiJub25lIn0.{}.sig", BASE64URL_NOPAD.encode(claims.as_bytes()))
    }

    fn expiry(text: &str) -> Option<i64> {
        Token::new(Secret::new(text)).unwrap().expires_at.map(|at| at.0)
    }

    #[test]
    fn the_end_of_a_jwt_is_read() {
        assert_eq!(expiry(&jwt(r#"{"sub":"a","exp":1763800000}"#)), Some(1_763_800_000_000));
        assert_eq!(expiry(&jwt(r#"{"exp":1763800000.5}"#)), Some(1_763_800_000_500));
        assert_eq!(expiry(&jwt(r#"{"exp":1e300}"#)), Some(i64::MAX));
        let no_end = [
            "opaque".into(),
            "a.b.c".into(),
            jwt("{}"),
            jwt(r#"{"exp":"soon"}"#),
            jwt(r#"{"exp":-1}"#),
            format!("{}.more", jwt(r#"{"exp":1}"#)),
        ];
        for text in no_end {
            assert_eq!(expiry(&text), None, "{text}");
        }
    }

    #[test]
    fn what_no_header_can_carry_is_no_token() {
        let of = |text: &str| Token::new(Secret::new(text)).unwrap_err();
        assert_eq!(of(""), TokenError::Empty);
        assert_eq!(of("a\r\nX: y"), TokenError::NotHeaderText);
    }

    #[test]
    fn four_fifths_of_the_life_and_never_in_a_busy_loop() {
        let of = |now, issued, expires, percent| {
            let expires = Some(UnixMillis(expires));
            refresh_at(UnixMillis(now), UnixMillis(issued), expires, percent).unwrap().0
        };
        let at = |now, issued, expires| of(now, issued, expires, 80);
        assert_eq!(at(1_000, 1_000, 101_000), 81_000);
        assert_eq!(at(90_000, 1_000, 101_000), 90_000, "overdue is now");
        assert_eq!(at(1_000, 1_000, 500), 6_000, "ended before it was issued");
        assert_eq!(at(1_000, 1_000, 2_000), 6_000, "shorter than the least life");
        assert_eq!(of(1_000, 1_000, 101_000, 25), 26_000, "another share");
        assert_eq!(refresh_at(UnixMillis(1), UnixMillis(1), None, 80), None);
    }

    proptest! {
        #[test]
        fn a_refresh_comes_within_the_life_of_any_that_has_one(
            issued in 0_i64..4_000_000_000_000, life in 7_000_i64..10_000_000_000,
        ) {
            let (issued, expires) = (UnixMillis(issued), UnixMillis(issued + life));
            let due = refresh_at(issued, issued, Some(expires), 80).unwrap();
            prop_assert!(due < expires && due.since(issued) >= LEAST_TOKEN_LIFE);
        }
    }

    #[derive(Debug)]
    struct Hanging;

    impl TokenProvider for Hanging {
        fn token(&self) -> Providing {
            Box::pin(std::future::pending())
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_provider_that_hangs_is_a_typed_timeout() {
        let error = obtain(&Hanging, TOKEN_LIMIT).await.unwrap_err();
        assert_eq!(error, TokenError::TimedOut { limit: TOKEN_LIMIT });
    }

    #[tokio::test]
    async fn a_missing_variable_is_named() {
        let name = "VAULTWATCH_TEST_NO_SUCH_TOKEN";
        let error = obtain(&EnvironmentToken::new(name), TOKEN_LIMIT).await.unwrap_err();
        assert_eq!(error, TokenError::NotSet { name: name.into() });
    }

    #[cfg(unix)]
    mod commands {
        use std::io::BufRead;

        use tokio::sync::oneshot;

        use super::*;

        fn shell(script: &str) -> CommandToken {
            CommandToken::new("sh", vec!["-c".into(), script.into()])
        }

        async fn run(script: &str) -> Result<String, TokenError> {
            shell(script).token().await.map(|token| token.secret.expose().to_owned())
        }

        #[tokio::test]
        async fn the_first_line_is_the_token() {
            assert_eq!(run("echo first; echo second").await.unwrap(), "first");
            assert_eq!(run("printf no-line-end").await.unwrap(), "no-line-end");
            let long = "echo t; head -c 300000 /dev/zero";
            assert_eq!(run(long).await.unwrap(), "t", "whoever prints more is not cut off");
        }

        #[tokio::test]
        async fn each_way_to_fail_has_its_kind() {
            let program = || "sh".to_owned();
            let failed = TokenError::Failed { program: program(), code: Some(3) };
            assert_eq!(run("echo hush; exit 3").await, Err(failed.clone()));
            assert!(!failed.to_string().contains("hush"));
            assert_eq!(run("true").await, Err(TokenError::Empty));
            assert_eq!(run("echo two words").await, Err(TokenError::NotHeaderText));
            let long = run("head -c 20000 /dev/zero").await;
            assert_eq!(long, Err(TokenError::TooLong { limit: LONGEST }));
            let none = CommandToken::new("/no/such/program", vec![]).token().await;
            assert!(matches!(none, Err(TokenError::NotRun { .. })));
        }

        #[tokio::test]
        async fn one_that_hangs_is_killed() {
            // A pipe that the program has open for as long as it lives.
            let folder = tempfile::tempdir().unwrap();
            let pipe = folder.path().join("pipe");
            let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
            assert!(made.success());
            let hanging =
                shell(&format!("exec 3> {}; echo begun >&3; exec sleep 600", pipe.display()));
            let (begins, begun) = oneshot::channel();
            let (ends, ended) = oneshot::channel();
            std::thread::spawn(move || {
                let mut pipe = std::io::BufReader::new(std::fs::File::open(pipe).unwrap());
                let mut line = String::new();
                pipe.read_line(&mut line).unwrap();
                begins.send(()).unwrap();
                pipe.read_line(&mut line).unwrap();
                // Nobody waits that long any more.
                let _ = ends.send(line);
            });
            tokio::select! {
                answer = hanging.token() => panic!("{answer:?}"),
                begun = begun => begun.unwrap(),
            }
            // Whoever asked has given up.
            let said = timeout(Duration::from_secs(60), ended).await.expect("it was killed");
            assert_eq!(said.unwrap(), "begun\n");
        }
    }
}
