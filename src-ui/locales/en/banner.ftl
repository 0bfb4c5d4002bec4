# What has to be known on every page.

notices = Notices
demo = DEMO
demo-why = Simulated vaults and prices, to look around. No real loan is watched.
last-known = Last known values.{ " " }
blocked = The system shows no notifications.{ " " }
blocked-still = { " " }Critical alerts appear in this window and at the tray icon.
test-it = Test it
no-answer = The application did not answer.{ " " }
try-again = Try again

elsewhere-more = { $count ->
    [one] { " " }Another profile is critical, too.
   *[other] { " " }{ $count } further profiles are critical, too.
}
show = Show
paused = { $name } is paused.{ " " }
paused-why = Nobody watches its vaults.
resume = Resume

everything-snoozed = Everything is snoozed
snoozed = { $everything }. What gets worse is told all the same.
snoozed-until = { $everything } until { $at }. What gets worse is told all the same.
end-snooze = End

away = While away, { $from } to { $to }:{ " " }
away-liquidated = { $count } liquidated
away-critical = { $count } critical
away-recovered = { $count } recovered
away-unanswered = { $count } unanswered
away-nothing = no vault changed its level, as far as is known
away-unwatched = { " " }Nothing was watched in between.
away-review = Review
away-dismiss = Dismiss the summary
dismiss = Dismiss
