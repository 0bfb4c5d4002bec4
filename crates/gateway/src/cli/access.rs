use std::path::{Path, PathBuf};

use clap::{ArgGroup, Args};
use gateway::{Access, JwtOptions, Keys, Origin, Tls, TokenFile, Transport};

/// Who may connect, and how.
#[derive(Debug, Args)]
#[command(
    next_help_heading = "Access",
    group = ArgGroup::new("keys").args(["tokens", "jwt_key"]).multiple(true)
)]
pub(crate) struct AccessArguments {
    /// Ask everybody for a token of this file, as made with `vaultwatch-gateway token new`.
    ///
    /// Each one opens one tenant, with its own rights. Changes of the file are taken over within two seconds; a broken
    /// one leaves in force what was.
    #[arg(long, value_name = "FILE")]
    tokens: Option<PathBuf>,

    /// Ask everybody for a JWT signed with this key; with --tokens as well, either opens.
    ///
    /// A PEM file with an Ed25519 public key checks EdDSA; any other file is the secret of HS256, at least 32 bytes.
    /// Claims: the tenant, `exp`, `nbf`, and as rights the lists `read` and `publish`.
    #[arg(long, value_name = "FILE")]
    jwt_key: Option<PathBuf>,

    /// The claim of a JWT that names the tenant.
    #[arg(long, value_name = "CLAIM", requires = "jwt_key", default_value = "tenant")]
    jwt_tenant_claim: String,

    /// Take no JWT but those with this `iss`.
    #[arg(long, value_name = "ISSUER", requires = "jwt_key")]
    jwt_issuer: Option<String>,

    /// Take no JWT but those with this `aud`. Without it one that has an `aud` is refused.
    #[arg(long, value_name = "AUDIENCE", requires = "jwt_key")]
    jwt_audience: Option<String>,

    /// Speak TLS with this certificate and its chain, in PEM. Read again when it changes; connections stay.
    #[arg(long, value_name = "FILE", requires_all = ["tls_key", "keys"])]
    tls_cert: Option<PathBuf>,

    /// The private key of --tls-cert, in PEM.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,

    /// Listen on any address in plain text, for a reverse proxy on another machine that does TLS.
    ///
    /// Whoever can see the traffic in between can read the tokens.
    #[arg(long, requires = "keys", conflicts_with = "tls_cert")]
    insecure_listen: bool,

    /// Let web pages of this origin connect, such as https://desk.example; may be given several times.
    ///
    /// All others are refused: a browser lets any page open a WebSocket to this machine.
    #[arg(long, value_name = "ORIGIN")]
    allow_origin: Vec<Origin>,
}

impl AccessArguments {
    /// The files that nobody else should read. Whoever checks JWTs by a public key has none of those.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &Path> {
        let is_public = |path: &&PathBuf| {
            std::fs::read(path).is_ok_and(|text| text.starts_with(b"-----BEGIN PUBLIC KEY"))
        };
        let shared = self.jwt_key.as_ref().filter(|path| !is_public(path));
        self.tls_key.as_ref().into_iter().chain(shared).map(PathBuf::as_path)
    }

    /// Reads the files that were named.
    pub(crate) fn access(&self) -> anyhow::Result<Access> {
        let allow_origins = self.allow_origin.clone();
        let jwt = self.jwt_key.clone().map(|key| JwtOptions {
            key,
            tenant_claim: self.jwt_tenant_claim.clone(),
            issuer: self.jwt_issuer.clone(),
            audience: self.jwt_audience.clone(),
        });
        if self.tokens.is_none() && jwt.is_none() {
            return Ok(Access::Open { allow_origins });
        }
        let keys = Keys::load(self.tokens.clone().map(TokenFile::new), jwt.as_ref())?;
        let transport = match (&self.tls_cert, &self.tls_key) {
            (Some(certificate), Some(key)) => Transport::Tls(Tls::load(certificate, key)?),
            _ if self.insecure_listen => Transport::PlainAnywhere,
            _ => Transport::PlainOnLoopback,
        };
        Ok(Access::Keyed { keys, allow_origins, transport })
    }
}
