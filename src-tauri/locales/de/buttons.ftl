# Die Schaltflächen einer Benachrichtigung auf dem Bildschirm. Kurz: Was zu lang ist, wird abgeschnitten.

open = Öffnen
acknowledge = Quittieren
snooze = In 10 min wieder
