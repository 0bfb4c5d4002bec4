# Wie gut die Werte hereinkommen, und wie es der Plattform nach eigenen Angaben geht.

starting = Startet
starting-why = Die Anwendung hat noch nicht geantwortet.
reading = Die Kennzahlen werden gelesen
figures = Kennzahlen
failed = Die Kennzahlen der Verbindung sind nicht abrufbar: { $why } Sie werden von selbst erneut abgefragt.
application = Anwendung

plugins = Plugins
no-plugins = Keine. Eine Datei im Ordner plugins neben config.toml läuft, sobald sie da ist.
plugin-running = Läuft
plugin-outdated = Eine ältere Version läuft
plugin-paused = Pausiert
plugin-broken = Läuft nicht

plots = Diagramme
messages = Nachrichten pro Sekunde
messages-plot = Nachrichten pro Sekunde über zehn Minuten
trip = Umlaufzeit
trip-plot = Umlaufzeit über zehn Minuten
nothing = Noch nichts gemessen.

platform = Plattform
no-status = Die Plattform hat ihren Status noch nicht gemeldet.
running = Läuft
stopped = Angehalten
own-account = nach eigenen Angaben
checks = Prüfungen
response-time = Antwortzeit
success-rate = Erfolgsquote
errors = Fehler
alerts-sent = Gesendete Alarme
market-updates = Marktmeldungen
