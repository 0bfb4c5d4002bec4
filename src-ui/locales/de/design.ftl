# Die kleinen Teile, aus denen alles besteht.

close = Schließen
close-key = Schließen (Esc)

discard-title = Änderungen verwerfen?
discard-why = Die Änderungen im Formular sind nicht gespeichert. Noch einmal Esc verwirft sie.
keep-editing = Weiter bearbeiten
discard = Verwerfen

acknowledge = Quittieren
dismiss = Ausblenden
dismiss-one = Ausblenden: { $title }

ago = vor { $age }

view-vault = Ansehen
view-connection = Verbindung ansehen
view-settings = Einstellungen
view-alerts = Alarme ansehen
