use ring::hmac;

/// When a call was made, in Unix seconds: part of what is signed, so that an old call cannot be repeated.
pub const TIMESTAMP_HEADER: &str = "vaultwatch-timestamp";
/// `sha256=` and the hexadecimal HMAC-SHA256 of the timestamp, a full stop and the body.
pub const SIGNATURE_HEADER: &str = "vaultwatch-signature";

/// The signature of a call made at `timestamp`, in Unix seconds.
#[must_use]
pub fn sign(secret: &str, timestamp: i64, body: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let mut context = hmac::Context::with_key(&key);
    context.update(timestamp.to_string().as_bytes());
    context.update(b".");
    context.update(body);
    let hex: String = context.sign().as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256={hex}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed by Python's `hmac.new(b"0123456789abcdef", b"1763800000.{\"a\":1}", "sha256")`.
    #[test]
    fn it_is_what_others_compute() {
        let signature = sign("0123456789abcdef", 1_763_800_000, b"{\"a\":1}");
        assert_eq!(
            signature,
            "sha256=95ca1197db606a32814581d00cc55b5f6dc65bc8eda387079c9ef22b2e519795"
        );
    }
}
