# Wo Einblendungen erscheinen, wie viele auf einmal, und wie lange.

head = Einblendungen
head-note = was über der Seite erscheint, wenn etwas geschieht
position = Position
top-left = oben links
top-center = oben Mitte
top-right = oben rechts
bottom-left = unten links
bottom-center = unten Mitte
bottom-right = unten rechts
visible = Gleichzeitig sichtbar
visible-hint = weitere warten dahinter
dismiss = Von selbst ausblenden
dismiss-hint = Hinweise und gute Nachrichten. Kritische Alarme und Fehler bleiben immer.
after = Nach
after-hint = Warnungen bleiben doppelt so lange
limit-range = muss eine ganze Zahl von { $least } bis { $most } sein
delay-range = muss zwischen 1 und 120 Sekunden liegen
