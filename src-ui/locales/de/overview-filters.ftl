# Die Zeile über der Tabelle: was gezeigt wird, in welcher Reihenfolge, und wie viel das ist.

filters = Filter
worst-first = Schlimmste zuerst
at-risk = Gefährdet
stale = Veraltet
all-chains = Alle Chains
clear = Zurücksetzen
# Wie viele Zeilen sich bewegen würden, wären sie nicht angehalten; mit einem fetten Wort.
moved = { $count } verschoben · { $resume }
resume = Neu ordnen
copy = { $count } als CSV kopieren
release = Auswahl aufheben
release-keys = Auswahl aufheben (Esc)
