# Von dem, was erst lange danach gemeldet wird.

not-shown-since = Seit { $clock } nicht gezeigt.
as-of = Stand { $clock }.

reached-at = { $late } verspätet: { $name } um { $clock } { $level }
liquidated-at = { $late } verspätet: { $name } um { $clock } liquidiert
left = Noch { $room } %.
then-and-now = Damals noch { $then } %, jetzt { $now } %.
down = VaultWatch lief nicht von { $from } bis { $to }.

away = In Ihrer Abwesenheit
away-news = In Ihrer Abwesenheit: { $news }
liquidated = { $count } liquidiert
critical = { $count } kritisch
unanswered = { $count } unbeantwortet
nothing-critical = nichts Kritisches
unwatched = Von { $from } bis { $to } wurde nichts überwacht.
recovered = { $count } erholt.
