# Wie die Seiten heißen: in der Leiste, über jeder Seite und in der Palette.

pages = Seiten
overview = Übersicht
alerts = Alarme
markets = Märkte
what-if = Was wäre wenn
system = System
settings = Einstellungen
rules = Regeln
welcome = Willkommen
