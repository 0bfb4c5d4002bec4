use async_nats::jetstream::stream::State;

use super::super::History;

/// After which offset of this stream as much lies as is to be at hand, by the mean length of its messages.
///
/// Who starts reads it in, though the values need less: clients that come back to a gateway often come because it was
/// started.
pub(super) fn before_last(history: History, state: &State) -> u64 {
    let (messages, bytes) = (history.messages as u64, history.bytes as u64);
    let mean = state.bytes.checked_div(state.messages).unwrap_or(0).max(1);
    state.last_sequence.saturating_sub(messages.min(bytes / mean))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_read_in_than_is_replayed() {
        let history = History { messages: 1_000, bytes: 1_000_000 };
        let since = |last_sequence, messages, mean| {
            let bytes = messages * mean;
            let first_sequence = last_sequence - messages + 1;
            let state: State = serde_json::from_value(serde_json::json!({
                "messages": messages, "bytes": bytes, "first_seq": first_sequence,
                "first_ts": "2026-01-01T00:00:00Z", "last_seq": last_sequence,
                "last_ts": "2026-01-01T00:00:00Z", "consumer_count": 0,
            }))
            .unwrap();
            before_last(history, &state)
        };
        assert_eq!(since(5_000, 5_000, 100), 4_000);
        assert_eq!(since(5_000, 5_000, 10_000), 4_900, "large ones");
        assert_eq!(since(300, 300, 100), 0, "all of them");
        assert_eq!(since(300, 0, 100), 0, "none are left");
    }
}
