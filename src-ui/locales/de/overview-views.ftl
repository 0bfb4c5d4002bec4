# Ansichten der Tabelle unter einem Namen.

views = Ansichten
save-this = Diese Ansicht speichern …
save-note = Filter, Reihenfolge und Spalten, unter einem Namen
delete = { $name } löschen
usual = Zurück zur üblichen Ansicht
usual-note = alle Vaults, schlimmste zuerst, mit allen Spalten

save-head = Diese Ansicht speichern
name = Name
replaces = ersetzt die Ansicht { $name }, die es schon gibt
bad-name = muss 1 bis { $most } Zeichen haben
too-many = es gibt schon { $most } Ansichten; löschen Sie erst eine davon
cancel = Abbrechen
save = Speichern
