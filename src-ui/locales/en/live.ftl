# What the window knows, in words: sections of the table, states of alerts, how long to snooze, what can be taken back.

critical = Critical
high = High
medium = Medium
stale = Stale
low = Low
unknown = Unknown

all = All
unread = Unread
open = Open
acknowledged = Acknowledged
snoozed = Snoozed
resolved = Resolved

ten-minutes = 10 minutes
quarter-hour = 15 minutes
hour = 1 hour
until-tomorrow = Until tomorrow

acknowledged-alerts = { $count ->
    [one] Acknowledged { $count } alert
   *[other] Acknowledged { $count } alerts
}
snoozed-alerts = { $count ->
    [one] Snoozed { $count } alert
   *[other] Snoozed { $count } alerts
}
dismissed-alerts = { $count ->
    [one] Dismissed { $count } alert
   *[other] Dismissed { $count } alerts
}
deleted-view = Deleted the view { $name }
a-critical-alert = a critical alert
