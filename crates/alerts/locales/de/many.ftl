# Von vielen Alarmen in einem: ein Vorfall, eine Zusammenfassung, die tägliche Liste.

incident = { $vaults } { $level }
incident-debt = { $vaults } { $level }, { $debt } Schulden
all-hold = Alle halten { $token }.
all-on = Alle auf { $chain }.
fall = { $token } −{ $by } % in { $span }.
liquidated = { $count } liquidiert.
worst-room = { $name }, { $room } %
restores = Mit { $cure } wieder 15 %.

recovered = { $vaults } erholt
was = { $cause }: { $lasted }.

alerts = { $count ->
    [one] { $count } Alarm
   *[other] { $count } Alarme
}
alerts-critical = { $count ->
    [one] { $count } Alarm, { $critical } kritisch
   *[other] { $count } Alarme, { $critical } kritisch
}

watch = { $vaults } im Auge behalten
more = { $count } weitere
