# Feeds that are watched side by side, and what can be done to each.

head = Profiles
head-note = feeds that are watched side by side
about = Whatever a profile shows outside of the window, all of its alerts are in the window and at the tray icon. A paused profile is not watched at all.
add = Add a profile
fixed = Not to be changed here: { $why }.
rename = Rename
remove = Remove
pause = Pause
resume = Resume
cancel = Cancel

# What marks it.
colour = Colour
teal = teal
blue = blue
violet = violet
magenta = magenta
brown = brown
olive = olive
green = green
slate = slate
notifies = Notifies of
notifies-all = what the alerts' settings say
notifies-critical = critical alerts alone
notifies-none = nothing, and no sound

# Another name
rename-one = Rename { $name }
name = Name
name-hint = 1 to 64 of a to z, 0 to 9, _ and -
rename-about = What is kept of it, its keys and its token move along, and rules that name it name it anew. It is watched again a moment later.
moving = Moving…
cannot = cannot be changed: { $why }

# Taken out
remove-one = Remove { $name }?
remove-about = It is not watched any more, and it is taken out of the settings' file. Its token is taken out of the keychain.
remove-keep = Remove, keep its data
remove-delete = Remove and delete
looking = Looking at what is kept of it…
untold = What is kept of it cannot be told: { $why }.
nothing-kept = Nothing is kept of it.
kept = Kept of it, { $size }, which cannot be had again once it is deleted:
bytes = { $count } bytes
