# Was das Fenster weiß, in Worten: Abschnitte der Tabelle, Zustände der Alarme, wie lange zurückgestellt wird, was sich rückgängig machen lässt.

critical = Kritisch
high = Hoch
medium = Mittel
stale = Veraltet
low = Niedrig
unknown = Unklar

all = Alle
unread = Ungelesen
open = Offen
acknowledged = Quittiert
snoozed = Zurückgestellt
resolved = Erledigt

ten-minutes = 10 Minuten
quarter-hour = 15 Minuten
hour = 1 Stunde
until-tomorrow = Bis morgen

acknowledged-alerts = { $count ->
    [one] { $count } Alarm quittiert
   *[other] { $count } Alarme quittiert
}
snoozed-alerts = { $count ->
    [one] { $count } Alarm zurückgestellt
   *[other] { $count } Alarme zurückgestellt
}
dismissed-alerts = { $count ->
    [one] { $count } Alarm entfernt
   *[other] { $count } Alarme entfernt
}
deleted-view = Ansicht { $name } gelöscht
a-critical-alert = ein kritischer Alarm
