# The icon in the system tray: its menu's lines and its tooltip.

waiting = Waiting
connecting = Connecting
live = Live
retrying = Reconnecting
offline = Offline
not-guarded = Not guarded
paused = Paused
not-watched = Not watched
not-started = Not started

no-network = no network, nothing is guarded
vaults = { $count ->
    [one] { $count } vault
   *[other] { $count } vaults
}
profiles = { $count } profiles
live-of = { $live } of { $all } live
critical = { $count } critical
critical-when-last-seen = { $count } critical when last seen
stale = { $count } stale
all-paused = Nothing is watched: all profiles are paused
unseen = Notifications may not be seen: { $reason }

# Behind an alert's title.
acknowledged = (acknowledged)
snoozed = (snoozed)
