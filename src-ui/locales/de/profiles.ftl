# Feeds, die nebeneinander überwacht werden, und was sich mit jedem tun lässt.

head = Profile
head-note = Feeds, die nebeneinander überwacht werden
about = Was ein Profil auch außerhalb des Fensters zeigt: Alle seine Alarme stehen im Fenster und am Symbol im Infobereich. Ein pausiertes Profil wird nicht überwacht.
add = Profil hinzufügen
fixed = Hier nicht zu ändern: { $why }.
rename = Umbenennen
remove = Entfernen
pause = Pausieren
resume = Fortsetzen
cancel = Abbrechen

# Woran man es erkennt.
colour = Farbe
teal = Petrol
blue = Blau
violet = Violett
magenta = Magenta
brown = Braun
olive = Oliv
green = Grün
slate = Schiefer
notifies = Benachrichtigt über
notifies-all = alles laut Alarmeinstellungen
notifies-critical = nur kritische Alarme
notifies-none = nichts, auch ohne Ton

# Ein anderer Name
rename-one = { $name } umbenennen
name = Name
name-hint = 1 bis 64 Zeichen: a bis z, 0 bis 9, _ und -
rename-about = Aufbewahrte Daten, Schlüssel und Zugangstoken ziehen mit um; Regeln, die das Profil nennen, werden angepasst. Einen Augenblick später wird es wieder überwacht.
moving = Zieht um …
cannot = lässt sich nicht ändern: { $why }

# Herausgenommen
remove-one = { $name } entfernen?
remove-about = Es wird nicht mehr überwacht und aus der Einstellungsdatei entfernt. Sein Zugangstoken wird aus dem Schlüsselbund gelöscht.
remove-keep = Entfernen, Daten behalten
remove-delete = Entfernen und löschen
looking = Es wird nachgesehen, was aufbewahrt ist …
untold = Was aufbewahrt ist, lässt sich nicht feststellen: { $why }.
nothing-kept = Es ist nichts aufbewahrt.
kept = Aufbewahrt ({ $size }) und nach dem Löschen nicht wiederherstellbar:
bytes = { $count } Byte
