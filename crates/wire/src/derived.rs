/// Figures that a platform derives, and from what. Whoever is told of the latter without them takes them for outdated; of
/// both in one message, for up to date. So who makes one message of several must not put an older figure beside a newer
/// source.
pub const DERIVED: [(&str, &[&str]); 3] = [
    ("ltv", &["collateral", "debt"]),
    ("healthFactor", &["collateral", "debt", "ltv"]),
    ("riskLevel", &["collateral", "debt", "ltv"]),
];
