# The notification center as a page.

list = Alerts
one = Alert
mark-all-read = Mark all read
show-more = Show { $count } more
show-all = Show all alerts
none-yet = No alerts so far
none-yet-why = When a vault comes close to its liquidation, or the feed goes down, it is told here.
none-yet-system = A critical one also becomes a notification of the system, whether this window is open or not.{ " " }
send-test = Send a test critical
no-match = No alert matches
no-match-why = The filters and the search leave none of the alerts.
not-here = No alert { $id } here
not-here-why = It may be one of another profile, removed by hand, or so old that it was cleaned away.{ " " }
none-kept = No alert is kept at all.
others-kept = The others are kept.

# Choosing many, and what is done with them.
selection = Selection
select-all = Select all that are listed
listed = { $count ->
    [one] { $count } alert
   *[other] { $count } alerts
}
selected = { $selected } of { $listed } selected
acknowledge = Acknowledge
snooze = Snooze
mark-read = Mark read
dismiss = Dismiss
clear = Clear
