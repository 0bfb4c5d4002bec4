# Felder der Einstellungsdatei.

reading = Die Einstellungen werden gelesen
unreadable = Die Einstellungsdatei ist nicht lesbar: { $why }. Was gilt, gilt weiter.
locked = Hier lässt sich nichts ändern, solange { $path } einen Fehler hat: { $why }
changed = „{ $label }“ geändert
outdated = wurde inzwischen anderswo geändert; hier steht nun der neue Stand
# Zwischen zwei Uhrzeiten.
to = bis

# Wie Alarme gemeldet werden
alerts = Wie Alarme gemeldet werden
alerts-note = für alle Profile; Kritisches wird nie stummgeschaltet
notify-from = Systembenachrichtigungen
notify-from-hint = was darunter liegt, nur in diesem Fenster
from-critical = kritisch
from-high = ab hoch
from-medium = ab mittel
hide-amounts = Beträge verbergen
hide-amounts-hint = in Benachrichtigungen des Systems
hide-never = nie
hide-locked = bei gesperrtem Bildschirm
hide-always = immer
quiet-hours = Ruhezeiten
quiet-hours-hint = etwa 23:00 bis 07:00; leer: keine
time-zone = Zeitzone
time-zone-hint = etwa Europe/Berlin; leer: die des Systems
sound-after = Ton nach
sound-after-hint = bei unbeantwortetem kritischem Alarm
call-out-after = Kanäle nach
call-out-after-hint = später als der Ton
repeat-critical = Kritisch erneut nach
repeat-critical-hint = steigende Zeiten, mit Kommas
repeat-critical-after = Und danach alle
repeat-high = Hoch erneut alle
ack-lapse = Quittierung verfällt nach
ack-lapse-hint = wenn es kritisch bleibt
digest-hour = Sammelmeldung um
digest-hour-hint = Uhr, über mittlere Alarme

# Verbindung
connection = Verbindung
connection-note = des angezeigten Profils; eine Änderung verbindet es neu
named-by-flag = { $profile } wurde auf der Kommandozeile genannt; die Adresse steht nicht in { $path }.
addresses = Adressen
addresses-hint = die bevorzugte zuerst, mit Kommas dazwischen
token = Anderes Zugangstoken
token-hint = im Schlüsselbund des Systems, nie in einer Datei
token-keep = Ablegen
token-missing = Es wurde nichts eingegeben.
token-under-way = Wird abgelegt …
token-kept = Im Schlüsselbund. Es gilt ab der nächsten Verbindung.

# Wie lange etwas aufbewahrt wird
kept = Aufbewahrung
kept-note = was noch andauert, bleibt so lange erhalten
kept-read = Gelesene Benachrichtigungen
kept-read-hint = unterhalb von kritisch
kept-critical = Kritische und ungelesene
kept-log = Alarmprotokoll
figures-minutes = Werte je Minute
figures-five-minutes = Werte je fünf Minuten
figures-hours = Werte je Stunde
megabytes = Höchstens belegt, in Megabyte
megabytes-hint = darüber hinaus wird das Älteste gelöscht
