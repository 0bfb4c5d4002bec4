# Wie es um die Verbindung steht, seit wann, und welche Adressen sie nutzen kann.

title = Verbindung
demo = Eingebauter Demo-Feed
profile = Profil { $name }
since = seit { $age }
trip = Umlaufzeit
messages = Nachrichten
invalid = Ungültig
duplicates = Doppelt
source = Quelle
endpoint = Endpunkt
last-message = Letzte Nachricht
none-yet = noch keine
state-times = Zeit in jedem Zustand seit dem Start

addresses = Adressen
addresses-note = in der Reihenfolge der Einstellungen
never-opened = nie geöffnet
latency = { $millis } ms bis zur offenen Verbindung
failed = { $times ->
    [one] , zuletzt fehlgeschlagen
   *[other] , { $times }-mal in Folge fehlgeschlagen
}
in-use = In Gebrauch
ready = Bereit
left-out = Ausgelassen, nächster Versuch { $when }
refused = Endgültig abgelehnt, nächster Versuch { $when }
