# Die Zahlen eines Vaults über die Zeit.

title = Verlauf
figure = Kennzahl
room = Abstand
range = Zeitraum
hour = 1 h
day = 24 h
week = 7 T
month = 30 T
year = 1 J
# Auch der Name einer Datei, wenn das Diagramm gespeichert wird: ohne Umlaute, die dort wegfielen.
chart = { $vault }: { $figure } über { $range }
reading = Der Verlauf wird gelesen …
unread = Der Verlauf konnte nicht gelesen werden
nothing = In dieser Zeit wurde nichts aufgezeichnet
nothing-why = Werte werden Minute für Minute festgehalten, solange VaultWatch läuft.
liquidation = Liquidation
