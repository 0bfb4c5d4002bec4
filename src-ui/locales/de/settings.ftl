# Die Seite dessen, was man wählen kann: die Karten, um die es je einmal geht.

on-this-page = Auf dieser Seite

# Regeln
rules = Regeln
rules-head = Regeln und Richtlinien
rules-note = was Ihnen gemeldet werden soll
rules-about = Eigene Regeln für Vaults, Märkte und die Plattform; wie lange eine Stufe anhalten muss; Namen für Gruppen von Vaults. Jede Regel lässt sich an der Vergangenheit erproben, bevor sie eingeschaltet wird.

# Plugins
plugins = Plugins
plugins-folder = plugins neben config.toml
no-plugin = Kein Plugin läuft. Eine Datei in { $folder } läuft, sobald sie dort liegt, und endet, wenn sie entfernt wird.
plugins-lie = Sie liegen in { $folder }; eine Änderung gilt, sobald sie gespeichert ist.

# Beginn und Ende
start = Start und Ende
start-note = eine Wache, die nicht läuft, weckt niemanden
autostart = Mit der Sitzung starten
watch-on = Bei geschlossenem Fenster weiter überwachen
close-quits = Das Schließen des Fensters beendet VaultWatch: Dann wird nichts überwacht.
close-to-tray = Aus dem Infobereich, der es wieder öffnet.
by-systemd = Im Infobereich, mit Neustart nach einem Absturz: eine Unit Ihres systemd.
by-launchd = In der Menüleiste, mit Neustart nach einem Absturz: ein Agent von launchd.
by-desktop = Im Infobereich: eine Datei im Autostart-Ordner des Desktops.
by-none = Im Infobereich, ohne Fenster.
