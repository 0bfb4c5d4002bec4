# Etiketten von Vaults.

head = Etiketten
note = Benannte Gruppen von Vaults, für Regeln und Richtlinien.
new = Neues Etikett
change = Etikett ändern
vaults = Vaults
vaults-hint = IDs oder ID-Anfänge mit *
delete = Etikett { $label } löschen
deleted = Etikett { $label } gelöscht
saved = Etikett { $label } gespeichert
