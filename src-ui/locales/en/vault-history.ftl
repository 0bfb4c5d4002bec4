# A vault's figures over time.

title = History
figure = Figure
room = To liquidation
range = Range
hour = 1 h
day = 24 h
week = 7 d
month = 30 d
year = 1 y
# Also the name of a file, when the chart is saved.
chart = { $vault }: { $figure } over { $range }
reading = Reading the history…
unread = The history could not be read
nothing = Nothing recorded in this time
nothing-why = Values are kept minute by minute while VaultWatch runs.
liquidation = Liquidation
