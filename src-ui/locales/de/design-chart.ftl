# Ein Wert über die Zeit: was zu einem Zeitpunkt gesagt wird, und die Knöpfe darüber.

# Vom kleinsten zum größten, von Werten oder Zeitpunkten.
range = { $from } bis { $to }
marked = { $from } bis { $to }, Eingabe vergrößert
strip = Gezeigter Zeitraum

zoom-out = Verkleinern
zoom-in = Vergrößern
whole = Alles zeigen
save = Diagramm speichern
save-png = Als PNG speichern
save-png-note = für eine Nachricht oder einen Bericht
save-svg = Als SVG speichern
save-svg-note = scharf in jeder Größe
