# Die Liste der Alarme: ihre Filter, ihre Einträge, und wie sie zurückgestellt werden. Neben der Seite und auf ihrer eigenen.

alerts = Alarme
close-alerts = Alarme schließen
close = Schließen
mark-all-read = Alle gelesen
snooze-all = Alle zurückstellen
no-match = Kein passender Alarm.
show-all = Alle Alarme zeigen
none = Keine Alarme.
none-why = Kommt ein Vault seiner Liquidation nahe, steht es hier; Kritisches meldet auch eine Benachrichtigung des Systems.
open = Offen
earlier = Früher
further = { $count } weitere

filters = Filter
state = Status
vault = Vault
every-vault = Alle Vaults
search-these = Diese Alarme durchsuchen
search = Suchen

select = Auswählen: { $title }
unread = { " " }(ungelesen)
acknowledge = Quittieren
snooze = Zurückstellen
menu = Mehr
evidence = Belege
mark-read = Als gelesen markieren
end-snooze = Nicht länger zurückstellen
false-alarm = Das war ein Fehlalarm
false-alarm-note = quittiert ihn und erprobt seine Regel an der Vergangenheit
dismiss = Entfernen
dismiss-note = nimmt ihn aus der Liste; lässt sich rückgängig machen
critical-hour = kritisch: höchstens 1 Stunde

acknowledged-by = Quittiert von { $name }, { $at }
# In der Meldung darüber: wer es war.
you = Ihnen
somebody = jemandem
the-platform = der Plattform
acknowledged = Quittiert
snoozed-until = Zurückgestellt bis { $at } oder bis es schlimmer wird
snoozed = Zurückgestellt
raised = { $count }-mal ausgelöst
repeats = { $count ->
    [one] { $count } Wiederholung nicht gezeigt
   *[other] { $count } Wiederholungen nicht gezeigt
}
late = Verspätet
late-why = Konnte erst lange danach gemeldet werden
not-shown = Vom System nicht gezeigt

vaults-folded = { $count ->
    [one] { $count } Vault, schlimmster zuerst
   *[other] { $count } Vaults, schlimmste zuerst
}
acknowledge-all = Alle quittieren
show-more = { $count } weitere zeigen
