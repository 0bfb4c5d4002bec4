# Die Datei mit dem Verlauf der Werte.

damaged = Der Verlauf war beschädigt
damaged-how = Die Werte aus der Vergangenheit ließen sich nicht mehr lesen. Die Datei liegt nun unter { $path }; eine neue ist begonnen. Alarme sind nicht betroffen.
unwritable = Der Verlauf lässt sich nicht schreiben
unwritable-how = { $reason }. Alarme sind nicht betroffen; bis es wieder geht, wird der Verlauf gröber.
none = Es gibt keinen Verlauf
none-how = { $reason }. Alarme sind nicht betroffen; der Verlauf der Werte wird nicht aufbewahrt.
