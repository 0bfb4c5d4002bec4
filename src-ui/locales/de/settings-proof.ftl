# Der Testalarm: Würde ein Alarm gesehen und gehört?

card = Probe der Überwachung
head = Würde ein Alarm Sie erreichen?
blocked = Das System zeigt zurzeit keine Benachrichtigungen.{ " " }
about = Ein kritischer Testalarm nimmt den ganzen Weg: Alarmliste, Benachrichtigung des Systems und Ton. Kein Vault ist in Gefahr.
send = Kritischen Testalarm senden
again = Erneut testen
close = Schließen
no = Nein

not-sent = Der Test wurde nicht gesendet
did-you-see = Haben Sie ihn gesehen?
what-to-see = Eine Benachrichtigung des Systems mit dem Titel „Test“, außerhalb dieses Fensters.
saw = Ja, gesehen
did-you-hear = Haben Sie ihn gehört?
what-to-hear = Ein kritischer Alarm kommt mit einem Ton. Bis er quittiert ist, wiederholt er sich.
heard = Ja, gehört
guarded = Alarme erreichen Sie
in-the-way = Etwas steht im Weg

# Wie weit die Benachrichtigung ist.
on-its-way = Unterwegs …
handed-over = Übergeben; das System hat sie noch nicht bestätigt.
shown = Das System meldet, dass es sie zeigt.
not-shown = Das System zeigt sie nicht: { $cause }
not-wanted = Sie bleibt in diesem Fenster: Demodaten wecken nach dem ersten Mal niemanden.

# Was zu tun ist.
all-well = Kritische Alarme werden auf diesem Rechner gesehen und gehört.
shows-none = Das System zeigt keine Benachrichtigungen: { $why }
allow = Prüfen Sie die Benachrichtigungseinstellungen des Systems: VaultWatch muss sie zeigen dürfen, und „Nicht stören“ muss aus sein.
until-then = Bis dahin werden kritische Alarme in diesem Fenster, am Symbol im Infobereich und durch Ton gemeldet.
volume = Prüfen Sie Lautstärke und Ausgabegerät des Systems und den Ton der Benachrichtigungen.
keep-awake = Solange dieser Rechner schläft, wird nichts überwacht: Halten Sie ihn wach oder lassen Sie sich von einem Kanal oder einem Gateway wecken.
