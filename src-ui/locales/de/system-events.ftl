# Was der Verbindung widerfuhr, und welche Nachrichten nicht verstanden wurden.

label = Was mit der Verbindung geschah
title = Was geschah
trouble-only = Nur Störungen
failed = Das lässt sich jetzt nicht sagen: { $why }
no-trouble = Keine Störung seit dem Start.
nothing = Noch nichts.
only-last = Nur die letzten
more = { $count ->
    [one] { $count } weiteres Ereignis
   *[other] { $count } weitere Ereignisse
}

invalid = Ungültige Nachrichten
invalid-since = { $count } seit dem Start
all-understood = Jede Nachricht wurde verstanden.
and-more = und { $count } weitere

not-text = kein Text
not-json = kein JSON
not-object = kein Objekt
envelope = Umschlag
batch = Stapel
payload = Nutzdaten
too-large = zu groß
control = Steuernachricht
compressed = Komprimierung
encrypted = Verschlüsselung
