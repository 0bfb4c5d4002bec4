# Das Menü des Symbols im Infobereich.

open = Öffnen
profiles = Profile
snooze = Alle zurückstellen
quarter-hour = Für 15 Minuten
hour = Für 1 Stunde
until-tomorrow = Bis morgen
test = Kritischen Testalarm senden
quit = Beenden

# Bevor etwas bekannt ist.
starting = Startet
