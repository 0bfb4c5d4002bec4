# Welche Taste was tut. Die Tasten heißen wie auf einer deutschen Tastatur.

title = Tastenkürzel

ctrl = Strg
shift = Umschalt
enter = Eingabe
space = Leertaste
escape = Esc
page-up = Bild ↑
page-down = Bild ↓
home = Pos1
end = Ende

anywhere = Überall
palette = einen Vault, eine Seite oder eine Aktion finden
search = suchen
this-list = diese Liste
take-back = letzte Aktion rückgängig machen
back = zurück, oder Filter zurücksetzen

alerts = Alarme
acknowledge = den gezeigten Alarm oder den des gezeigten oder markierten Vaults quittieren
snooze = ihn für 10 Minuten zurückstellen

table = Die Tabelle
walk = Zeile wechseln
cells = durch die Zellen einer Zeile
open = den Vault öffnen
choose = auswählen; mehrere mit Umschalt und den Pfeilen, alle mit Strg A
menu = was sich damit tun lässt
copy = ihn oder die ausgewählten als CSV kopieren
column = im Spaltenkopf: die Spalte verschieben

charts = Diagramme
moment = der Wert zu einem Zeitpunkt
stretch = einen Abschnitt markieren; Eingabe vergrößert ihn
zoom = näher, weiter, das Ganze
along = verschieben
