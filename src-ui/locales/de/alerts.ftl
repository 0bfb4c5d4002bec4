# Die Benachrichtigungszentrale als Seite.

list = Alarme
one = Alarm
mark-all-read = Alle gelesen
show-more = { $count } weitere zeigen
show-all = Alle Alarme zeigen
none-yet = Noch keine Alarme
none-yet-why = Kommt ein Vault seiner Liquidation nahe oder fällt der Feed aus, wird es hier gemeldet.
none-yet-system = Kritische Alarme werden auch zu Benachrichtigungen des Systems, ob dieses Fenster offen ist oder nicht.{ " " }
send-test = Kritischen Testalarm senden
no-match = Kein passender Alarm
no-match-why = Filter und Suche lassen keinen der Alarme übrig.
not-here = Kein Alarm { $id } vorhanden
not-here-why = Er gehört vielleicht zu einem anderen Profil, wurde von Hand entfernt oder ist so alt, dass er aufgeräumt wurde.{ " " }
none-kept = Es ist kein Alarm gespeichert.
others-kept = Die anderen sind noch da.

# Viele auswählen, und was mit ihnen getan wird.
selection = Auswahl
select-all = Alle aufgeführten auswählen
listed = { $count ->
    [one] { $count } Alarm
   *[other] { $count } Alarme
}
selected = { $selected } von { $listed } ausgewählt
acknowledge = Quittieren
snooze = Zurückstellen
mark-read = Als gelesen markieren
dismiss = Entfernen
clear = Auswahl aufheben
