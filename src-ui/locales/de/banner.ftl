# Was auf jeder Seite zu wissen ist.

notices = Hinweise
demo = DEMO
demo-why = Simulierte Vaults und Preise, zum Umsehen. Kein echter Kredit wird überwacht.
last-known = Zuletzt bekannte Werte.{ " " }
blocked = Das System zeigt keine Benachrichtigungen.{ " " }
blocked-still = { " " }Kritische Alarme erscheinen in diesem Fenster und am Symbol im Infobereich.
test-it = Testen
no-answer = Die Anwendung hat nicht geantwortet.{ " " }
try-again = Erneut versuchen

elsewhere-more = { $count ->
    [one] { " " }Ein weiteres Profil ist kritisch.
   *[other] { " " }{ $count } weitere Profile sind kritisch.
}
show = Zeigen
paused = { $name } ist pausiert.{ " " }
paused-why = Niemand überwacht seine Vaults.
resume = Fortsetzen

everything-snoozed = Alles zurückgestellt
snoozed = { $everything }. Was schlimmer wird, wird trotzdem gemeldet.
snoozed-until = { $everything } bis { $at }. Was schlimmer wird, wird trotzdem gemeldet.
end-snooze = Beenden

away = In Ihrer Abwesenheit, { $from } bis { $to }:{ " " }
away-liquidated = { $count } liquidiert
away-critical = { $count } kritisch
away-recovered = { $count } erholt
away-unanswered = { $count } unbeantwortet
away-nothing = kein Vault hat, soweit bekannt, seine Stufe geändert
away-unwatched = { " " }Dazwischen wurde nichts überwacht.
away-review = Ansehen
away-dismiss = Zusammenfassung ausblenden
dismiss = Ausblenden
