# The menu of the icon in the system tray. Scripts and tests know its entries by these words.

open = Open
profiles = Profiles
snooze = Snooze all
quarter-hour = For 15 minutes
hour = For 1 hour
until-tomorrow = Until tomorrow
test = Send a test critical
quit = Quit

# Before anything is known.
starting = Starting
