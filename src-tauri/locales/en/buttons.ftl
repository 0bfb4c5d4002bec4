# The buttons of a notification on the desktop.

open = Open
acknowledge = Acknowledge
snooze = Snooze 10 min
