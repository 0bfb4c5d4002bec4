# Das Formular einer Regel.

new = Neue Regel
change = Regel ändern
note = Notiz
note-hint = erscheint beim Alarm

# Was sie beobachtet.
metric = Beobachtet
of-vaults = Vaults
of-vaults-or-market = Vaults oder der Markt eines Tokens
of-markets = Märkte
of-platform = Plattform
token = Token
token-hint = leer: für jeden Vault
field = Feld
is = Ist eines von
is-hint = leer: es ist eine Zahl
active = aktiv
liquidated = liquidiert
closed = geschlossen
suspended = ausgesetzt
judged-by = Beurteilt nach
by-value = Wert
by-percent = Änderung in Prozent
by-absolute = Änderung, absolut
over = Zeitraum
over-hint = 10s bis 24h

# Die Leiter.
severity = Der Alarm ist dann
alert-when = Alarm bei Werten
below = Unterhalb
above = Oberhalb
levels = Stufen
enter = Beginnt bei
exit = Endet bei
hold = Dauer
enter-of = { $level }: beginnt bei
exit-of = { $level }: endet bei
hold-of = { $level }: Dauer
no-level = Mindestens eine Stufe braucht einen Wert.
levels-note = Eine leere Stufe gibt es nicht. Ohne zweiten Wert endet sie, wo sie beginnt; mit etwas Abstand dazwischen löst ein schwankender Wert nicht immer neue Alarme aus.

# Wie lange.
for-at-least = Mindestdauer
over-after = Erledigt nach
by-policy = leer: laut Richtlinie
no-data = Ohne Daten
keep = letzter Wert gilt weiter
all-well = alles in Ordnung
is-alert = gilt als Alarm

# Wo und wann.
where = Wo und wann
where-note = leer: überall und immer
chains = Chains
tokens = Sicherheiten
labels = Etiketten
vaults = Vaults
profiles = Profile
no-chains = sind keine Nummern von Chains wie 1, 8453
hours = Nur zu bestimmten Zeiten
hours-note = Ausgelöste Alarme enden auch außerhalb dieser Zeiten.
days-label = Tage; keiner: jeden Tag
# Alle sieben, mit je einem Leerzeichen dazwischen.
days = Mo Di Mi Do Fr Sa So
from = Von
to = Bis
zone = Zeitzone

# Der Probelauf.
dry-run = Probelauf
dry-run-note = wann sie ausgelöst hätte
not-recorded = Was diese Regel beobachtet, wird nicht aufgezeichnet; ein Probelauf ist nicht möglich.
