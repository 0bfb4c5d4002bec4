//! The token must not reach a log, whatever filter somebody sets.

#[test]
fn the_upgrade_request_cannot_be_logged() {
    // tungstenite logs it, with its `Authorization`, at trace level through `log`.
    assert_eq!(log::STATIC_MAX_LEVEL, log::LevelFilter::Debug);
}
