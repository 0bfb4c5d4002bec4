# The notification center: its filters, its entries, and how they are silenced. In the panel and on the page.

alerts = Alerts
close-alerts = Close the alerts
close = Close
mark-all-read = Mark all read
snooze-all = Snooze all
no-match = No alert matches.
show-all = Show all alerts
none = No alerts.
none-why = When a vault comes close to its liquidation, it is told here and, if critical, by a notification of the system.
open = Open
earlier = Earlier
further = { $count } more

filters = Filters
state = State
vault = Vault
every-vault = Every vault
search-these = Search these alerts
search = Search

select = Select: { $title }
unread = { " " }(unread)
acknowledge = Acknowledge
snooze = Snooze
menu = More
evidence = Evidence
mark-read = Mark read
end-snooze = End snooze
false-alarm = This was a false alarm
false-alarm-note = acknowledges it, and tries its rule out over the past
dismiss = Dismiss
dismiss-note = removes it from the center; can be undone
critical-hour = critical: 1 hour at most

acknowledged-by = Acknowledged by { $name }, { $at }
# In the message above, as the one who did it.
you = you
somebody = somebody
the-platform = the platform
acknowledged = Acknowledged
snoozed-until = Snoozed until { $at }, or worse
snoozed = Snoozed
raised = raised { $count } times
repeats = { $count ->
    [one] { $count } repeat not shown
   *[other] { $count } repeats not shown
}
late = Late
late-why = It could be told only long after it happened
not-shown = Not shown by the system

vaults-folded = { $count ->
    [one] { $count } vault, worst first
   *[other] { $count } vaults, worst first
}
acknowledge-all = Acknowledge all
show-more = Show { $count } more
