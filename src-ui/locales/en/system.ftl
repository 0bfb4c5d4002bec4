# How well the values come in, and how the platform says it is.

starting = Starting
starting-why = The application has not answered yet.
reading = Reading the figures
figures = Figures
failed = The figures of the connection cannot be had: { $why } They are asked for again by themselves.
application = Application

plugins = Plugins
no-plugins = None. A file in the folder plugins, beside config.toml, runs as soon as it is there.
plugin-running = Running
plugin-outdated = An older version runs
plugin-paused = Paused
plugin-broken = Does not run

plots = Plots
messages = Messages a second
messages-plot = Messages a second over ten minutes
trip = Round trip
trip-plot = Round trip over ten minutes
nothing = Nothing was measured yet.

platform = Platform
no-status = The platform has not told its status.
running = Running
stopped = Stopped
own-account = by its own account
checks = Checks
response-time = Response time
success-rate = Success rate
errors = Errors
alerts-sent = Alerts sent
market-updates = Market updates
