# Der erste Start: was überwacht wird, und die Adresse, die erprobt wird, bevor sie bleibt.

choose = Was möchten Sie überwachen?
first-run = Willkommen
first-run-head = Willkommen. Dies ist eine Demo; was möchten Sie überwachen?
feed = Feed verbinden
feed-note = Alle Vaults, die Ihr Konto sehen darf. Sie brauchen die Adresse und meist ein Zugangstoken.
one-vault = Einen Vault überwachen
one-vault-note = Ihren, anhand seiner Adresse oder ID. Mehr wird nicht verlangt.
demo = Demo ansehen
demo-note = Ein erfundener Markt auf diesem Rechner, zum Umsehen. Er weckt niemanden.

# Das Formular
vault = Vault
vault-example = 0x… oder ETH-001
vault-hint = wie die Plattform ihn nennt, mit Groß- und Kleinschreibung
vault-missing = darf nicht leer sein
address = Adresse
address-hint = des Feeds der Plattform
token = Zugangstoken
token-hint = falls Sie von der Plattform eines haben; es kommt in den Schlüsselbund des Systems, nie in eine Datei
name = Name
name-hint = des Profils, wie Sie es nennen wollen
back = Zurück
try-it = Ausprobieren
trying = Wird probiert …
try-again = Erneut versuchen
keep = Speichern und überwachen
keep-all-the-same = Trotzdem speichern

# Der Test, Schritt für Schritt.
step-configuration = Konfiguration
step-token = Zugangstoken
step-proxy = Proxy
step-certificate = Zertifikat
step-upgrade = Upgrade
step-keys = Schlüssel
step-hello = Begrüßung
step-first-message = Erste Nachricht
step-round-trip = Umlaufzeit
under-way = Läuft …
ends-there = Hier endet der Weg. Nichts wurde gespeichert.
not-tried = Es ließ sich nicht ausprobieren: { $why }
values-come = Werte kommen an. Die erste Nachricht:
and-more = und mehr
says-nothing = Der Feed ist erreichbar, sendet aber zurzeit nichts.

# Am Ende
watched = Überwacht
is-watched = { $name } wird überwacht
watched-about = Die Überwachung läuft bei geschlossenem Fenster im Infobereich weiter und verbindet sich von selbst neu, wenn die Verbindung abreißt.
to-overview = Zur Übersicht
