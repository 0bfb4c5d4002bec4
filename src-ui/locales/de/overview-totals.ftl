# Die Leiste mit Summen über der Tabelle.

totals = Summen
at-risk = Gefährdete Schuld
not-known = jetzt nicht bekannt
cure = Abhilfe bis 15 %
repay = zurückzahlen
closest = Geringster Abstand
stale = Veraltet
all-fresh = alle aktuell
not-summed = nicht summiert
show-only = Nur „{ $level }“ anzeigen
summed = { $vaults } · { $collateral } · Schulden { $debt }
