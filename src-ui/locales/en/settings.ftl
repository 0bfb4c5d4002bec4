# The page of what may be chosen: the cards that are about one thing each.

on-this-page = On this page

# Rules
rules = Rules
rules-head = Rules and policies
rules-note = what you want to be told of
rules-about = Rules of your own on vaults, markets and the platform; how long a level must last; names for groups of vaults. Each rule can be played over the past before it is switched on.

# Plugins
plugins = Plugins
plugins-folder = plugins, beside config.toml
no-plugin = No plugin runs. A file in { $folder } does as soon as it is there, and is taken out by removing it.
plugins-lie = They lie in { $folder }; an edit counts as soon as it is saved.

# Start and end
start = Start and end
start-note = a watch that does not run wakes nobody
autostart = Start with the session
watch-on = Watch on when the window is closed
close-quits = Closing the window quits VaultWatch: then nothing watches.
close-to-tray = From the tray, which opens it again.
by-systemd = In the tray, and again when it dies: a unit of your systemd.
by-launchd = In the menu bar, and again when it dies: an agent of launchd.
by-desktop = In the tray: a file in the desktop's autostart folder.
by-none = In the tray, without a window.
