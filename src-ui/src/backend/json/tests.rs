use std::collections::BTreeMap;
use std::fmt::Debug;

use domain::Amount;
use domain::rules::{PolicyOptions, RuleOptions};
use domain::view::{FeedState, FeedView, NotificationView, ProfileState, VaultRow, WindowEvent};
use serde::de::DeserializeOwned;

use super::*;

const ROW: &str = r#"{"id":"ETH-001","name":null,"tokens":"WETH","chainId":1,"status":"ACTIVE","level":"CRITICAL",
    "freshness":"live","received":1763800000000,"room":"7.878787","health":{"kind":"factor","value":"1.070"},
    "ltv":"70.1","maxLtv":null,"limit":{"kind":"maxLtv","value":"75"},"liquidationPrice":"0.5984",
    "collateral":"408000.000000000000000001","debt":"1","cure":null,"later":{"a":[1,{"b":"}"}],"c":-1.5e3}}"#;
const FEED: &str = r#"{"state":{"is":"retrying","attempt":2,"retry_at":5,"cause":"lost"},"mode":{"is":"profile",
    "profile":"acme"},"endpoint":"wss://feed.example","since":1,"roundTrip":24,"messages":48210,"invalid":2,
    "duplicates":3,"lastMessage":null,"recentInvalid":[{"kind":"payload","at":-1,"reason":"a \"b\" \\ \u00e9\ud83d\ude00",
    "sample":"\b\f\n\r\t\/","more":3}]}"#;
const NOTIFICATION: &str = r#"{"id":9,"type":"error","title":"A","message":"","timestamp":1,"updated":2,"read":false,
    "action":{"label":"Open","target":"vault/A"},"autoDismiss":null,"severity":"CRITICAL","vault":"A","state":"firing",
    "occurrences":1,"suppressed":0,"delivery":{"is":"failed","value":"no bus"}}"#;

/// What is read is what `serde_json` reads of it; nothing where that reads nothing.
#[track_caller]
fn check<T: DeserializeOwned + PartialEq + Debug>(text: &str) {
    assert_eq!(read::<T>(text).ok(), serde_json::from_str(text).ok(), "{text}");
}

/// The same, and there is something.
#[track_caller]
fn reads<T: DeserializeOwned + PartialEq + Debug>(text: &str) {
    assert_eq!(read::<T>(text).unwrap(), serde_json::from_str(text).unwrap(), "{text}");
}

#[test]
fn what_crosses_the_bridge_is_read_as_serde_json_reads_it() {
    reads::<VaultRow>(ROW);
    reads::<Vec<VaultRow>>(&format!("[{ROW},{ROW}]"));
    reads::<FeedView>(FEED);
    reads::<NotificationView>(NOTIFICATION);
    reads::<WindowEvent>(&format!(r#"{{"notification":{NOTIFICATION}}}"#));
    reads::<WindowEvent>(r#"{"notificationsBlocked":null}"#);
    reads::<ProfileState>(r#""paused""#);
    reads::<ProfileState>(r#" { "watched" : { "feed" : { "is" : "live" } } } "#);
    reads::<FeedState>(r#"{"cause":"later","is":"waiting"}"#);
    reads::<RuleOptions>(
        r#"{"name":"a","metric":"room","for":"5m","scope":{"chains":[1]},"levels":{"high":{"enter":"1"}}}"#,
    );
    for hours in [r#""none""#, r#"{"from":"22:00","to":"07:00"}"#] {
        reads::<PolicyOptions>(&format!(
            r#"{{"quiet_hours":{hours},"rules":{{"a":true,"b":false}}}}"#
        ));
    }
}

#[test]
fn figures_keep_their_digits() {
    for text in [r#""408000.000000000000000001""#, "0.10", r#""1e-3""#] {
        reads::<Amount>(text);
    }
    for text in [r#""-1""#, r#""\u0031""#, "{}", "null"] {
        check::<Amount>(text);
    }
}

#[test]
fn numbers_have_their_limits() {
    for text in [
        "0",
        "-1",
        "255",
        "256",
        "-9223372036854775808",
        "18446744073709551615",
        "1.5",
        "",
        "-",
        "1 2",
    ] {
        check::<u8>(text);
        check::<i64>(text);
        check::<u64>(text);
        check::<Option<u64>>(text);
    }
}

#[test]
fn lists_objects_and_texts_are_whole_or_nothing() {
    for text in
        ["[]", "[1]", "[1,2]", " [ 1 , 2 ] ", "[1 2]", "[,1]", "[1", "[1]]", "1", "null", "{}"]
    {
        check::<Vec<u8>>(text);
        check::<(u8, u8)>(text);
    }
    for text in [
        "{}",
        r#"{"a":"b"}"#,
        r#"{"a":"b","c":""}"#,
        r#"{"a"}"#,
        r#"{"a":}"#,
        r#"{"a":"b""#,
        r#"{a:"b"}"#,
        "[]",
    ] {
        check::<BTreeMap<String, String>>(text);
    }
    for text in [
        r#""""#,
        r#""ü""#,
        r#""\ü""#,
        r#""\x""#,
        r#"""#,
        r#""\"#,
        r#""\u12""#,
        r#""\u00fg""#,
        r#""\ud83d\u""#,
    ] {
        check::<String>(text);
    }
    for text in ["true", "false", "tru", "truefalse", "null", "0"] {
        check::<bool>(text);
        check::<()>(text);
        check::<Option<bool>>(text);
    }
}

#[test]
fn fields_are_found_wherever_they_stand() {
    reads::<FeedState>(r#"{"cause":"lost","retry_at":5,"attempt":2,"is":"retrying","later":[{}]}"#);
    reads::<FeedState>(r#"{"later":{"is":"offline"},"attempt":2,"more":"}","is":"connecting"}"#);
    // What is an option or has a default may be missing, and nothing else.
    reads::<PolicyOptions>("{}");
    reads::<FeedState>(r#"{"is":"notGuarded","cause":"refused"}"#);
    for text in [r#"{"name":"a"}"#, r#"{"metric":"room"}"#, r#"{"name":"a","metric":null}"#] {
        check::<RuleOptions>(text);
    }
    for text in [r#"{"is":"live""#, r#"{"is":"live",}"#, r#"{"is":"live","a"}"#, r#"{"is" "live"}"#]
    {
        check::<FeedState>(text);
    }
}

#[test]
fn half_a_character_stands_for_nothing() {
    for text in [r#""a\ud83dz""#, r#""a\ude00z""#] {
        assert_eq!(read::<String>(text).unwrap(), "a\u{fffd}z");
    }
}

#[test]
fn what_is_wrong_is_told() {
    let why = |text: &str| read::<FeedState>(text).unwrap_err().to_string();
    assert_eq!(why("{}"), "number 0, from 0, is missing of struct Told with 4 elements");
    assert!(why(r#"{"is":"odd"}"#).starts_with("unknown variant `odd`"));
    assert_eq!(why(r#"{"is":1}"#), "something else was expected in place of `1}`");
    assert_eq!(why(r#"{"is":"live","attempt":-1}"#), "something else was expected in place of `}`");
}

#[test]
fn damaged_texts_are_refused_and_never_panic() {
    for whole in [ROW, FEED, NOTIFICATION] {
        for at in (0..whole.len()).filter(|at| whole.is_char_boundary(*at)) {
            let (before, after) = whole.split_at(at);
            assert!(read::<VaultRow>(before).is_err() && read::<FeedView>(before).is_err());
            let without = format!("{before}{}", after.get(1..).unwrap_or_default());
            let doubled = format!("{before}{}{after}", after.get(..1).unwrap_or_default());
            for text in [without, doubled] {
                drop(read::<VaultRow>(&text));
                drop(read::<FeedView>(&text));
                drop(read::<NotificationView>(&text));
            }
        }
    }
}
