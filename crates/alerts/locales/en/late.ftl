# Of what is told long after it happened, or was known.

not-shown-since = Not shown since { $clock }.
as-of = As of { $clock }.

reached-at = { $late } late: { $name } { $level } at { $clock }
liquidated-at = { $late } late: { $name } liquidated at { $clock }
left = { $room } % left.
then-and-now = Then { $then } %, now { $now } % left.
down = App down { $from }–{ $to }.

away = While away
away-news = While away: { $news }
liquidated = { $count } liquidated
critical = { $count } critical
unanswered = { $count } unanswered
nothing-critical = nothing critical
unwatched = Nothing was watched { $from }–{ $to }.
recovered = { $count } recovered.
