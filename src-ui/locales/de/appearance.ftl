# Wie das Fenster aussieht, und welche Sprache es spricht.

head = Darstellung
theme = Farbschema
system = System
system-note = folgt dem Desktop
dark = Dunkel
dark-note = für dunkle Räume
light = Hell
light-note = für helle
language = Sprache
