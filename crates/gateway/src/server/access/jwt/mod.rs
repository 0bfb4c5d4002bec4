//! JSON Web Tokens, for whoever has an issuer of them already: checked against one key whose kind, not the token,
//! decides by which algorithm.

mod signature;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use rustls::pki_types::SubjectPublicKeyInfoDer;
use rustls::pki_types::pem::PemObject;
use serde::Deserialize;
use serde_json::Value;
use smol_str::SmolStr;
use thiserror::Error;
use tracing::{debug, info, warn};
use wire::UnixMillis;

use super::super::hub::is_tenant_name;
use super::super::topics::Topics;
use super::grant::{Bearer, Grant};

/// Where tokens are issued, and what they must say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JwtOptions {
    /// A PEM file with an Ed25519 public key (EdDSA), or a file whose whole content is a secret of at least 32 bytes
    /// (HS256).
    pub key: PathBuf,
    /// The claim that names the tenant. Default `tenant`.
    pub tenant_claim: String,
    /// The `iss` a token must have. Default `None`: any.
    pub issuer: Option<String>,
    /// The `aud` a token must have. Default `None`: then one that is meant for somebody in particular is refused.
    pub audience: Option<String>,
}

/// Why a key cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum JwtKeyError {
    #[error("cannot read the key {path}: {source}")]
    Read { path: String, source: io::Error },
    /// Who can try secrets offline finds a short one.
    #[error(
        "the secret in {path} has {length} bytes, and HS256 needs at least 32 random ones: `openssl rand -base64 48`"
    )]
    Short { path: String, length: usize },
    /// Another kind of key, or the private half.
    #[error(
        "{path} holds no Ed25519 public key in PEM: `openssl pkey -in private.pem -pubout` writes it"
    )]
    NotEd25519 { path: String },
}

/// The check of JWTs by the one key that its file holds now.
#[derive(Debug)]
pub(super) struct Jwt {
    options: JwtOptions,
    /// What the file held when it was read for the first time.
    loaded: Vec<u8>,
    current: RwLock<Current>,
}

struct Current {
    /// How many were in force before.
    number: u64,
    key: DecodingKey,
    validation: Validation,
}

/// Clocks may differ by this much.
const LEEWAY_SECONDS: u64 = 30;
/// Shorter than what is hashed for HS256 would be easier to find than the signature.
const SECRET_BYTES: usize = 32;
/// What precedes the 32 bytes of an Ed25519 key in its SubjectPublicKeyInfo (RFC 8410).
const ED25519_SPKI: [u8; 12] =
    [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

#[derive(Deserialize)]
struct Claims {
    exp: f64,
    #[serde(default)]
    sub: Option<String>,
    #[serde(default)]
    read: Vec<SmolStr>,
    #[serde(default)]
    publish: Vec<SmolStr>,
    #[serde(default)]
    metrics: bool,
}

impl Jwt {
    pub(super) fn load(options: &JwtOptions) -> Result<Self, JwtKeyError> {
        signature::install();
        let (loaded, current) = Current::load(options, 0)?;
        Ok(Self { options: options.clone(), loaded, current: RwLock::new(current) })
    }

    pub(super) fn path(&self) -> &Path {
        &self.options.key
    }

    pub(super) fn loaded(&self) -> &[u8] {
        &self.loaded
    }

    /// Which one of its keys is in force.
    pub(super) fn key(&self) -> u64 {
        self.current().number
    }

    /// Reads the key again. Whether it is another one now; what is no key leaves in force what was.
    pub(super) fn reload(&self) -> bool {
        let number = self.key() + 1;
        match Current::load(&self.options, number) {
            Ok((_, current)) => {
                info!("the key for JWTs in {} has changed", self.options.key.display());
                *self.current.write().unwrap_or_else(PoisonError::into_inner) = current;
                true
            }
            Err(error) => {
                warn!("{error}; the key that was read before stays in force");
                false
            }
        }
    }

    fn current(&self) -> RwLockReadGuard<'_, Current> {
        self.current.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a token grants, or nothing at all: neither its bearer nor a stranger is told what was wrong with it.
    pub(super) fn grant(&self, token: &str) -> Option<Grant> {
        let current = self.current();
        let decoded = jsonwebtoken::decode::<Value>(token, &current.key, &current.validation);
        let all = decoded.map_err(|error| debug!(%error, "JWT refused")).ok()?.claims;
        let claims = Claims::deserialize(&all);
        let claims = claims.map_err(|error| debug!(%error, "the claims of a JWT")).ok()?;
        let tenant = all.get(&self.options.tenant_claim).and_then(Value::as_str);
        let tenant = tenant.filter(|name| is_tenant_name(name))?;
        // Past the largest timestamp it stays there: casts of floats saturate.
        #[expect(clippy::cast_possible_truncation, reason = "saturates, which is meant")]
        let expires = ((claims.exp + LEEWAY_SECONDS as f64) * 1_000.0) as i64;
        Some(Grant {
            name: claims.sub.map_or(SmolStr::new_static("jwt"), SmolStr::new),
            tenant: Some(SmolStr::new(tenant)),
            read: Topics::default().with(&claims.read).ok()?,
            publish: Topics::default().with(&claims.publish).ok()?,
            metrics: claims.metrics,
            expires: Some(UnixMillis(expires)),
            bearer: Bearer::Jwt(current.number),
        })
    }
}

impl Current {
    fn load(options: &JwtOptions, number: u64) -> Result<(Vec<u8>, Self), JwtKeyError> {
        let bytes = fs::read(&options.key)
            .map_err(|source| JwtKeyError::Read { path: shown(&options.key), source })?;
        let (algorithm, key) = key(&options.key, &bytes)?;
        let mut validation = Validation::new(algorithm);
        validation.leeway = LEEWAY_SECONDS;
        validation.validate_nbf = true;
        let mut required = vec!["exp"];
        if let Some(issuer) = &options.issuer {
            validation.set_issuer(&[issuer]);
            required.push("iss");
        }
        if let Some(audience) = &options.audience {
            validation.set_audience(&[audience]);
            required.push("aud");
        }
        validation.set_required_spec_claims(&required);
        Ok((bytes, Self { number, key, validation }))
    }
}

impl std::fmt::Debug for Current {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Current").field("number", &self.number).finish_non_exhaustive()
    }
}

fn key(path: &Path, bytes: &[u8]) -> Result<(Algorithm, DecodingKey), JwtKeyError> {
    if !bytes.windows(11).any(|window| window == b"-----BEGIN ") {
        // An editor ends a file with a line break, which is no part of a secret.
        let secret = bytes.strip_suffix(b"\n").unwrap_or(bytes);
        let secret = secret.strip_suffix(b"\r").unwrap_or(secret);
        if secret.len() < SECRET_BYTES {
            return Err(JwtKeyError::Short { path: shown(path), length: secret.len() });
        }
        return Ok((Algorithm::HS256, DecodingKey::from_secret(secret)));
    }
    let public = SubjectPublicKeyInfoDer::from_pem_slice(bytes).ok();
    let raw = public.as_ref().and_then(|der| der.strip_prefix(&ED25519_SPKI));
    match raw {
        Some(raw) if raw.len() == 32 => Ok((Algorithm::EdDSA, DecodingKey::from_ed_der(raw))),
        _ => Err(JwtKeyError::NotEd25519 { path: shown(path) }),
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

#[cfg(test)]
mod tests {
    use ring::hmac;
    use ring::signature::{Ed25519KeyPair, KeyPair};
    use serde_json::json;

    use super::*;

    const SECRET: &[u8] = b"0123456789abcdef0123456789abcdef";

    fn base64(bytes: &[u8]) -> String {
        const DIGITS: &[u8; 64] =
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let digits = |chunk: &[u8]| {
            let padded = [
                0,
                *chunk.first().unwrap_or(&0),
                *chunk.get(1).unwrap_or(&0),
                *chunk.get(2).unwrap_or(&0),
            ];
            let bits = u32::from_be_bytes(padded);
            let digit = |at: u32| char::from(DIGITS[(bits >> (18 - 6 * at) & 63) as usize]);
            (0..=u32::try_from(chunk.len()).unwrap()).map(digit).collect::<String>()
        };
        bytes.chunks(3).map(digits).collect()
    }

    fn unsigned(header: &Value, claims: &Value) -> String {
        format!(
            "{}.{}",
            base64(header.to_string().as_bytes()),
            base64(claims.to_string().as_bytes())
        )
    }

    fn hs256(claims: &Value) -> String {
        let message = unsigned(&json!({"alg": "HS256", "typ": "JWT"}), claims);
        let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET);
        let tag = hmac::sign(&key, message.as_bytes());
        format!("{message}.{}", base64(tag.as_ref()))
    }

    fn now() -> i64 {
        crate::feed::wall_clock().0 / 1_000
    }

    fn claims(more: Value) -> Value {
        let mut all = json!({
            "exp": now() + 600, "sub": "ada", "tenant": "desk", "read": ["*"], "publish": ["note"],
        });
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        all
    }

    fn load(key: &[u8], change: impl Fn(&mut JwtOptions)) -> Result<Jwt, JwtKeyError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        fs::write(&path, key).unwrap();
        let tenant_claim = "tenant".into();
        let mut options = JwtOptions { key: path, tenant_claim, issuer: None, audience: None };
        change(&mut options);
        Jwt::load(&options)
    }

    #[test]
    fn claims_become_a_grant() {
        let jwt = load(&[SECRET, b"\n"].concat(), |_| {}).unwrap();
        let exp = now() + 600;
        let grant = jwt.grant(&hs256(&claims(json!({"exp": exp})))).unwrap();
        assert_eq!((grant.name.as_str(), grant.tenant.as_deref()), ("ada", Some("desk")));
        assert!(
            grant.read.matches("x") && grant.publish.matches("note") && !grant.publish.matches("x")
        );
        assert_eq!(grant.expires, Some(UnixMillis((exp + 30) * 1_000)));
        assert!(!grant.metrics);
        // Without a claim of rights there are none.
        let bare = json!({"exp": exp, "tenant": "desk"});
        let grant = jwt.grant(&hs256(&bare)).unwrap();
        assert!(!grant.read.matches("x") && !grant.publish.matches("x"));
    }

    #[test]
    fn what_is_not_right_is_refused() {
        let jwt = load(SECRET, |_| {}).unwrap();
        for wrong in [
            json!({"exp": now() - 100}),
            json!({"exp": "tomorrow"}),
            json!({"exp": null}),
            json!({"nbf": now() + 100}),
            json!({"nbf": "yesterday"}),
            json!({"tenant": null}),
            json!({"tenant": "UPPER"}),
            json!({"aud": "somebody else"}),
            json!({"read": ["a*b"]}),
            json!({"read": "vault"}),
        ] {
            assert_eq!(jwt.grant(&hs256(&claims(wrong.clone()))), None, "{wrong}");
        }
        let good = hs256(&claims(json!({})));
        assert!(jwt.grant(&good).is_some());
        let (message, _) = good.rsplit_once('.').unwrap();
        for token in [message, &format!("{message}."), &good[..good.len() - 2], "a.b.c", "..", ""] {
            assert_eq!(jwt.grant(token), None, "{token}");
        }
    }

    #[test]
    fn the_token_does_not_choose_its_algorithm() {
        let jwt = load(SECRET, |_| {}).unwrap();
        for alg in ["none", "None", "HS384", "HS512", "EdDSA", "RS256"] {
            let message = unsigned(&json!({"alg": alg}), &claims(json!({})));
            assert_eq!(jwt.grant(&format!("{message}.")), None, "{alg}");
            let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET);
            let tag = base64(hmac::sign(&key, message.as_bytes()).as_ref());
            assert_eq!(jwt.grant(&format!("{message}.{tag}")), None, "{alg}");
        }
    }

    fn pem(label: &str, der: &[u8]) -> Vec<u8> {
        let mut body = base64(der).replace('-', "+").replace('_', "/");
        while !body.len().is_multiple_of(4) {
            body.push('=');
        }
        format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n").into_bytes()
    }

    #[test]
    fn eddsa_is_checked_by_the_public_key_which_is_no_secret_for_hs256() {
        let pair = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
        let public = pair.public_key().as_ref();
        let pem_key = pem("PUBLIC KEY", &[&ED25519_SPKI, public].concat());
        let jwt = load(&pem_key, |_| {}).unwrap();
        let message = unsigned(&json!({"alg": "EdDSA"}), &claims(json!({})));
        let signed = format!("{message}.{}", base64(pair.sign(message.as_bytes()).as_ref()));
        assert!(jwt.grant(&signed).is_some());
        let other = Ed25519KeyPair::from_seed_unchecked(&[8; 32]).unwrap();
        let forged = format!("{message}.{}", base64(other.sign(message.as_bytes()).as_ref()));
        assert_eq!(jwt.grant(&forged), None);
        // What everybody knows, used as the secret of the other algorithm.
        let message = unsigned(&json!({"alg": "HS256"}), &claims(json!({})));
        for secret in [pem_key.as_slice(), public] {
            let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
            let tag = base64(hmac::sign(&key, message.as_bytes()).as_ref());
            assert_eq!(jwt.grant(&format!("{message}.{tag}")), None);
        }
    }

    #[test]
    fn issuer_audience_and_the_name_of_the_claim_are_as_configured() {
        let jwt = load(SECRET, |options| {
            options.issuer = Some("https://id.example".into());
            options.audience = Some("gateway".into());
            options.tenant_claim = "org".into();
        })
        .unwrap();
        let right = json!({"iss": "https://id.example", "aud": ["gateway"], "org": "risk"});
        let grant = jwt.grant(&hs256(&claims(right))).unwrap();
        assert_eq!(grant.tenant.as_deref(), Some("risk"));
        for wrong in [
            json!({"aud": "gateway", "org": "risk"}),
            json!({"iss": "https://id.example", "org": "risk"}),
            json!({"iss": "https://id.example", "aud": "gateway"}),
            json!({"iss": "https://other.example", "aud": "gateway", "org": "risk"}),
        ] {
            assert_eq!(jwt.grant(&hs256(&claims(wrong.clone()))), None, "{wrong}");
        }
    }

    #[test]
    fn keys_that_cannot_be_right_are_refused() {
        assert!(matches!(load(b"short\n", |_| {}), Err(JwtKeyError::Short { length: 5, .. })));
        for bad in
            [pem("PRIVATE KEY", &[0; 48]), pem("PUBLIC KEY", &[0; 44]), b"-----BEGIN ".into()]
        {
            assert!(matches!(load(&bad, |_| {}), Err(JwtKeyError::NotEd25519 { .. })));
        }
        let nowhere = |options: &mut JwtOptions| options.key = "/nowhere/at/all".into();
        assert!(matches!(load(SECRET, nowhere), Err(JwtKeyError::Read { .. })));
    }
}
