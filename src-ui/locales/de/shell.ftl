# Der Rahmen um die Seiten: obere Leiste, Fuß, und was eben getan wurde.

back-to-overview = Zurück zur Übersicht
back = Zurück (Esc)
search-alerts = Alarme durchsuchen
search-vaults = Vaults, Tokens, Chains suchen
to-dark = Dunkles Farbschema verwenden
to-light = Helles Farbschema verwenden
alerts-unread = Alarme, { $count } ungelesen
undo = Rückgängig

starting = Startet
nothing-invalid = nichts ungültig
invalid = { $count ->
    [one] { $count } Nachricht ungültig
   *[other] { $count } Nachrichten ungültig
}
last-message = Letzte Nachricht vor { $age }
