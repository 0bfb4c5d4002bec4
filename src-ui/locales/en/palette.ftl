# The palette: what is found by a few letters. After a title, other words for the same, which are found, too.

title = Command palette
label = Find a vault, a page or something to do
placeholder = Vault, page, or what to do…
found = Found
nothing = Nothing is called so. Vaults are found by their id, name or token.
lines = { $count ->
    [one] { $count } line
   *[other] { $count } lines
}
left = { $room } % left
vault = Vault
page = Page
settings = Settings
deed = Do

switch-to = Switch to profile { $name }
switch-to-words = change show use tenant

acknowledge-all = Acknowledge all alerts
acknowledge-all-words = ack seen
snooze-words = silence mute quiet
snooze-quarter = Snooze all for 15 minutes
snooze-hour = Snooze all for an hour
snooze-tomorrow = Snooze all until tomorrow
overview-words = table vaults home
alerts-words = notifications center
what-if-words = shock stress crash portfolio price
markets-words = prices gas
system-words = diagnostics connection log
settings-words = preferences options
rules = Rules and policies
rules-words = own alerts
connect = Connect a feed
connect-words = wizard welcome first profile add address
test = Would an alert reach me?
test-words = test critical proof sound
undo = Take back what was done last
undo-words = undo
read-all = Mark all alerts as read
read-all-words = unread badge
theme-dark = Theme: dark
theme-light = Theme: light
theme-system = Theme: as the system
theme-words = appearance colour
section-profiles = Settings: profiles
section-profiles-words = tenant add rename pause remove
section-alerts = Settings: alerts
section-alerts-words = quiet hours repeat sound digest amounts
section-channels = Settings: sound and channels
section-channels-words = webhook ntfy call alarm
section-start = Settings: start and window
section-start-words = autostart tray close login
section-toasts = Settings: toasts
section-toasts-words = position dismiss
section-kept = Settings: how long things are kept
section-kept-words = retention history disk
section-plugins = Settings: plugins
section-plugins-words = scripts rhai
section-keys = Settings: encryption keys
section-keys-words = keys keychain seal
shortcuts = Keyboard shortcuts
shortcuts-words = keys help
