# Fields of the settings' file.

reading = Reading the settings
unreadable = The settings' file cannot be read: { $why }. What is in force stays so.
locked = Nothing can be changed here while { $path } has a mistake: { $why }
changed = { $label } changed
outdated = was changed by somebody else meanwhile; what stands here now is theirs
# Between two times of the day.
to = to

# How alerts are told
alerts = How alerts are told
alerts-note = for all profiles; what is critical is never silenced
notify-from = System notifications
notify-from-hint = what is less is told in this window
from-critical = critical
from-high = high and worse
from-medium = medium and worse
hide-amounts = Hide amounts
hide-amounts-hint = in the system's notifications
hide-never = never
hide-locked = while the screen is locked
hide-always = always
quiet-hours = Quiet hours
quiet-hours-hint = as in 23:00 to 07:00; empty: none
time-zone = Time zone
time-zone-hint = as in Europe/Berlin; empty: the system's
sound-after = Sound after
sound-after-hint = of an unanswered critical alert
call-out-after = Channels after
call-out-after-hint = later than the sound
repeat-critical = Critical again after
repeat-critical-hint = times that rise, with commas
repeat-critical-after = And then every
repeat-high = High again every
ack-lapse = An answer lapses after
ack-lapse-hint = where it stays critical
digest-hour = Summary at
digest-hour-hint = o'clock, of what is medium

# Connection
connection = Connection
connection-note = of the profile that is shown; a change connects it anew
named-by-flag = { $profile } was named on the command line: its address is not in { $path }.
addresses = Addresses
addresses-hint = the preferred one first, with commas between them
token = Another token
token-hint = kept in the system's keychain, never in a file
token-keep = Keep
token-missing = Nothing was typed.
token-under-way = Putting it away…
token-kept = In the keychain. It is used from the next connection on.

# How long things are kept
kept = How long things are kept
kept-note = what still holds is kept for as long as it does
kept-read = Read notifications
kept-read-hint = below critical
kept-critical = Critical and unread ones
kept-log = The log of alerts
figures-minutes = Figures by the minute
figures-five-minutes = Figures by five minutes
figures-hours = Figures by the hour
megabytes = Most on disk, in megabytes
megabytes-hint = beyond it the oldest go first
