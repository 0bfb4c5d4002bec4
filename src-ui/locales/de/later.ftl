# Der Teil des Fensters, der nach dem ersten Bild geladen wird, wo das misslungen ist.

failed = Ein Teil des Fensters fehlt.
failed-why = { " " }Alarme, Menüs und die anderen Seiten lassen sich nicht zeigen: Eine Datei der Anwendung ist nicht lesbar. Ihre Vaults werden weiter überwacht, und kritische Alarme erreichen Sie weiter über das System. Hilft ein neuer Versuch nicht, installieren Sie VaultWatch neu.
again = Erneut versuchen
no-page = Diese Seite konnte nicht geladen werden
