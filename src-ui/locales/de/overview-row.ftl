# Was mit einer Zeile der Tabelle getan werden kann, oder mit den ausgewählten.

vault = Vault { $id }
open = Öffnen
none-waits = kein Alarm wartet
acknowledge = Quittieren
snooze = Für 10 Minuten zurückstellen
copy-rows = { $count } Zeilen als CSV kopieren
copy-row = Zeile als CSV kopieren
copy-ids = IDs kopieren
copy-id = ID kopieren
explorer = Im Explorer öffnen
copy-link = Link zum Explorer kopieren
