# Of many alerts in one: an incident, a summary, the daily list.

incident = { $vaults } { $level }
incident-debt = { $vaults } { $level }, { $debt } debt
all-hold = All hold { $token }.
all-on = All on { $chain }.
fall = { $token } −{ $by } % in { $span }.
liquidated = { $count } liquidated.
worst-room = { $name }, { $room } %
restores = { $cure } restores 15 %.

recovered = { $vaults } recovered
was = { $cause }: { $lasted }.

alerts = { $count ->
    [one] { $count } alert
   *[other] { $count } alerts
}
alerts-critical = { $count ->
    [one] { $count } alert, { $critical } critical
   *[other] { $count } alerts, { $critical } critical
}

watch = { $vaults } to keep an eye on
more = { $count } more
