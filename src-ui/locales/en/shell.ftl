# The frame around the pages: top bar, foot, and what was just done.

back-to-overview = Back to the overview
back = Back (Esc)
search-alerts = Search alerts
search-vaults = Search vaults, tokens, chains
to-dark = Use the dark theme
to-light = Use the light theme
alerts-unread = Alerts, { $count } unread
undo = Undo

starting = Starting
nothing-invalid = nothing invalid
invalid = { $count ->
    [one] { $count } message invalid
   *[other] { $count } messages invalid
}
last-message = Last message { $age } ago
