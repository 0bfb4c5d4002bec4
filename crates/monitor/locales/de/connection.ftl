# Was von der Verbindung gesagt wird, von Nachrichten, die nicht kamen oder nicht lesbar sind, und von den Schlüsseln dazu.

missed-by-platform = { $count ->
    [one] { $count } Nachricht der Plattform ging verloren
   *[other] { $count } Nachrichten der Plattform gingen verloren
}
missed-by-platform-how = Der Server hebt sie nur eine Weile auf, und die Verbindung war länger unterbrochen. Die Vaults sind auf dem neuesten Stand; Alarme der Plattform aus dieser Zeit fehlen.
maybe-missed = Womöglich gingen Nachrichten der Plattform verloren
maybe-missed-how = Der Server weiß es nicht: Er hebt sie nur eine Weile auf, oder er wurde neu gestartet. Die Vaults sind auf dem neuesten Stand.
refused = Eine Nachricht wurde abgelehnt
refused-how = { $type }: { $reason } ({ $code }). Siehe `vaultwatchctl outbox list`.
disk = Das Speichern schlägt fehl
disk-how = Ursache ({ $doing }): { $reason }. Die Überwachung läuft weiter; prüfen Sie freien Speicherplatz und Berechtigungen.
token = Das Zugangstoken ließ sich nicht erneuern
token-how = { $reason }. Läuft das alte ab, geht die Verbindung verloren.
gap = Nachrichten gingen verloren
gap-how = Die nach { $from } bis einschließlich { $to } kamen nicht an, und der Server hat sie nicht noch einmal gesendet. Werte kommen mit der nächsten Aktualisierung ihres Vaults; ein Alarm der Plattform darunter ist verloren.

unreadable = Verschlüsselte Nachrichten sind nicht lesbar
unreadable-how = { $reason }. Was darin steht, wird nicht überwacht. `vaultwatchctl keys` zeigt, welche Schlüssel es gibt.
no-keys-how = { $reason }. Was nicht verschlüsselt ist, wird überwacht.
readable = Verschlüsselte Nachrichten sind wieder lesbar
readable-how = Die Schlüssel sind da. Was vorher kam, folgt jetzt.
keys-unusable = Nichts wird überwacht: Die Schlüssel sind unbrauchbar
