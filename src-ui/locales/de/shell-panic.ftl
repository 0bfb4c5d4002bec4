# Was bleibt, wenn der Code des Fensters selbst versagt.

title = Dieses Fenster ist stehen geblieben
why = In der Anzeige ist ein Fehler aufgetreten. Ihre Vaults werden weiter überwacht, und kritische Alarme erreichen Sie weiter über das System.
reload = Neu laden
