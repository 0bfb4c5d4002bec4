//! What somebody does about an alert, as the other clients of their tenant hear it from a real gateway.

use serde_json::json;

use crate::desk::Desk;

#[test]
fn an_answer_reaches_the_others_of_the_tenant_under_its_name_and_nobody_else() {
    let acme = Desk::open("acme");
    let globex = acme.neighbour("globex");
    let (mut heard, mut elsewhere) = (acme.listen(), globex.listen());
    let (mut ada, mut bob) = (acme.run_as("ada"), acme.run_as("bob"));
    acme.alert("A");
    ada.shown("A");
    bob.shown("A");
    ada.acknowledge("A");
    assert_eq!(
        heard.next("alert_state"),
        json!({"vaultId": "A", "category": "MARKET_RISK", "action": "ack", "by": "ada"})
    );
    bob.until_acknowledged("A", "ada");
    assert_eq!(ada.acknowledged_by("A").as_deref(), Some("you"));

    // What others did is not passed on as one's own: the next thing heard is the next thing done.
    acme.alert("B");
    ada.shown("B");
    bob.shown("B");
    bob.acknowledge("B");
    let next = heard.next("alert_state");
    assert_eq!((&next["vaultId"], &next["by"]), (&json!("B"), &json!("bob")));
    ada.until_acknowledged("B", "bob");

    globex.alert("G");
    assert_eq!(elsewhere.first(), "risk_alert", "of another tenant's answers nothing is heard");
}
