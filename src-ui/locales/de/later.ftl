# Der Teil des Fensters, der nach dem ersten Bild geladen wird, wo das misslungen ist.

failed = Diese Seite konnte nicht geladen werden
failed-why = Eine Datei der Anwendung lässt sich nicht lesen. Ihre Vaults werden weiter überwacht. Hilft ein neuer Versuch nicht, installieren Sie VaultWatch neu.
again = Erneut versuchen
