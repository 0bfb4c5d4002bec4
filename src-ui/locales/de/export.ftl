# Dateien, die geschrieben werden.

writing = Wird geschrieben …
# Der Pfad ist kein Text.
written = Gespeichert unter { $path }
not-written = Nicht gespeichert: { $cause }
diagnostics = Diagnose exportieren
diagnostics-note = Eine Datei für den Support, ohne Zugangstoken, Vaults und Zahlen.
alerts = Exportieren
csv = CSV
csv-note = für Tabellenkalkulationen
json = JSON
json-note = alles, für Programme
