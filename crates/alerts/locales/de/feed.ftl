# Von dem, was nicht eintrifft: gar keine Daten, oder keine von einem Vault. Und von der Einstellungsdatei.

no-data = Seit { $span } keine Daten: { $feed }
unwatched = { $vaults } nicht überwacht.
unwatched-critical = { $vaults } nicht überwacht, { $critical } davon um { $clock } kritisch.
nothing-watched = Nichts wird überwacht.
no-network = Dieser Rechner hat kein Netz.
retrying = Wird erneut versucht.
check-address = Adresse prüfen und beim Kreditgeber nachsehen.
check-directly = Direkt beim Kreditgeber nachsehen.

stale = { $name } seit { $span } veraltet
usual = Üblich sind { $span }.
last-room = Zuletzt noch { $room } %.
last-ltv = Zuletzt LTV { $ltv } %.
feed-up = Der Feed läuft. Beim Kreditgeber nachsehen.
heard-again = { $name } meldet sich nach { $span } wieder
live = Seine Werte sind aktuell.

# Hinter dem, was ein Alarm von seinen Zahlen sagt, solange keine neueren eintreffen.
last-known = Zuletzt bekannt: Der Feed ist ausgefallen.

back = Feed nach { $span } wieder da
back-named = Feed nach { $span } wieder da: { $feed }
all-watched = Alle Vaults werden wieder überwacht.

settings-back = Die Einstellungen sind wieder lesbar
settings-hold = Es gilt, was in der Datei steht.
