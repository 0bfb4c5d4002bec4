# Wege, jemanden zu erreichen, der nicht am Bildschirm ist, und ihre Tests.

head = Ton und Kanäle
head-note = wenn niemand am Bildschirm ist
none = Kein Kanal ist eingerichtet. Mit [channels] in config.toml geht ein unbeantworteter kritischer Alarm an einen Webhook oder an ntfy: Ein schlafender Laptop weckt niemanden.
alarm = Alarmton
alarm-note = Der eigene Ton der App. Er wiederholt sich, solange ein kritischer Alarm unbeantwortet ist.
play = Abspielen
send-a-test = Test senden
under-way = Läuft …
taken = Vom Server angenommen.
played = Bis zum Ende abgespielt.

# Was aus dem letzten Aufruf wurde.
not-called = { $target }, noch nicht aufgerufen
called = { $target }, aufgerufen: { $moment }
not-taken = { $target }: Der letzte Aufruf wurde nicht angenommen: { $why }
not-taken-at = { $target }: Der letzte Aufruf ({ $moment }) wurde nicht angenommen: { $why }
