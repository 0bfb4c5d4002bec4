# Was die Anwendung von sich selbst meldet: was mit einem früheren Lauf, einer Datei oder einem Profil nicht stimmt.

part-failed = Ein Teil von VaultWatch ist ausgefallen
part-failed-how = Es ging ohne ihn weiter. Der Bericht liegt unter { $path }.
ended = VaultWatch wurde unerwartet beendet
ended-report = Der Bericht liegt unter { $path }.
ended-killed = Das Programm wurde abgebrochen, oder der Strom fiel aus.
ended-unwatched = Von { $from } bis { $to } wurde nichts überwacht.

database-damaged = Die Datenbank war beschädigt
database-damaged-how = Benachrichtigungen und Einstellungen ließen sich nicht mehr lesen. Die Datei liegt nun unter { $path }; eine neue ist begonnen.
disk-full = Der Datenträger ist voll: Nichts wird aufbewahrt
disk-full-how = { $reason }. Vaults werden überwacht und Alarme gemeldet; frühere Alarme sind aber nicht bekannt, und nichts wird aufbewahrt. Geben Sie Speicherplatz frei und starten Sie VaultWatch neu.
outbox-damaged = Der Postausgang war beschädigt
outbox-damaged-how = Nachrichten, die noch zu senden waren, sind nicht mehr lesbar. Die Datei liegt nun unter { $path }; eine neue ist begonnen.
outbox-unusable = Der Postausgang ist nicht nutzbar
outbox-unusable-how = { $reason }. Die Überwachung läuft weiter; Nachrichten überstehen keinen Neustart.

watch-failed = Die Überwachung von { $name } ist ausgefallen
watch-failed-how = Sie wurde neu begonnen und läuft dort weiter, wo sie war. Ein Bericht liegt im Ordner `crashes`.
not-watched = { $name } wird nicht überwacht
not-watched-how = { $reason }. Die anderen Profile schon.
