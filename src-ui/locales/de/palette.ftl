# Die Palette: was sich mit wenigen Buchstaben finden lässt. Nach einem Titel andere Wörter dafür, die ebenso zählen.

title = Befehlspalette
label = Einen Vault, eine Seite oder eine Aktion finden
placeholder = Vault, Seite oder Aktion …
found = Gefunden
nothing = Kein Treffer. Vaults lassen sich nach ID, Name oder Token finden.
lines = { $count ->
    [one] { $count } Zeile
   *[other] { $count } Zeilen
}
left = noch { $room } %
vault = Vault
page = Seite
settings = Einstellungen
deed = Aktion

switch-to = Zum Profil { $name } wechseln
switch-to-words = ändern zeigen Mandant

acknowledge-all = Alle Alarme quittieren
acknowledge-all-words = bestätigen gesehen ack
snooze-words = stumm still ruhe snooze
snooze-quarter = Alle für 15 Minuten zurückstellen
snooze-hour = Alle für eine Stunde zurückstellen
snooze-tomorrow = Alle bis morgen zurückstellen
overview-words = tabelle vaults start
alerts-words = benachrichtigungen liste
what-if-words = schock stress absturz portfolio preis kurs
markets-words = preise gas
system-words = diagnose verbindung protokoll
settings-words = optionen
rules = Regeln und Richtlinien
rules-words = eigene alarme
connect = Feed verbinden
connect-words = assistent willkommen erstes profil hinzufügen adresse
test = Würde mich ein Alarm erreichen?
test-words = test kritisch probe ton
undo = Letzte Aktion rückgängig machen
undo-words = undo zurücknehmen
read-all = Alle Alarme als gelesen markieren
read-all-words = ungelesen
theme-dark = Farbschema: dunkel
theme-light = Farbschema: hell
theme-system = Farbschema: wie das System
theme-words = darstellung aussehen farben theme
section-profiles = Einstellungen: Profile
section-profiles-words = mandant hinzufügen umbenennen pausieren entfernen
section-alerts = Einstellungen: Alarme
section-alerts-words = ruhezeit wiederholung ton sammelmeldung beträge
section-channels = Einstellungen: Ton und Kanäle
section-channels-words = webhook ntfy anruf
section-start = Einstellungen: Start und Fenster
section-start-words = autostart infobereich schließen anmeldung
section-toasts = Einstellungen: Einblendungen
section-toasts-words = toasts position ausblenden
section-kept = Einstellungen: Aufbewahrung
section-kept-words = verlauf speicher platte
section-plugins = Einstellungen: Plugins
section-plugins-words = skripte rhai
section-keys = Einstellungen: Schlüssel
section-keys-words = verschlüsselung schlüsselbund siegel
shortcuts = Tastenkürzel
shortcuts-words = tasten hilfe
