use realtime::Topic;

/// What is asked for by somebody who watches one vault alone: its own figures, the markets, and how the platform says it
/// is. Alerts of the platform are about any vault and are left out; those about this one come of its figures.
///
/// A name that no topic can hold asks for nothing of the vault.
#[must_use]
pub fn topics_of(vault: &str) -> Vec<Topic> {
    let own = format!("vault_update_{}", vault.trim());
    let all = [own.as_str(), "market_data_*", "system_status"];
    all.iter().filter_map(|topic| Topic::parse(topic).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_vault_is_asked_for_and_no_other() {
        let topics = topics_of(" 0xAb ");
        let asks = |ty: &str| topics.iter().any(|topic| topic.matches(ty));
        assert!(asks("vault_update_0xAb") && asks("market_data_1") && asks("system_status"));
        assert!(!asks("vault_update_0xAc") && !asks("vault_update_0xAbc") && !asks("risk_alert"));
    }
}
