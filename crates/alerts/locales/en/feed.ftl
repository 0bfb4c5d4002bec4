# Of what does not arrive: no data at all, or none of one vault. And of the settings' file.

no-data = No data for { $span }: { $feed }
unwatched = { $vaults } unwatched.
unwatched-critical = { $vaults } unwatched, { $critical } critical at { $clock }.
nothing-watched = Nothing is watched.
no-network = This machine has no network.
retrying = Retrying.
check-address = Check the address and the lender.
check-directly = Check the lender directly.

stale = { $name } stale for { $span }
usual = Usually { $span }.
last-room = Last: { $room } % left.
last-ltv = Last: LTV { $ltv } %.
feed-up = The feed is up. Check the lender.
heard-again = { $name } heard again after { $span }
live = Its values are live.

# Behind what an alert says of its figures, while no newer ones arrive.
last-known = Last known: the feed is down.

back = Feed back after { $span }
back-named = Feed back after { $span }: { $feed }
all-watched = All vaults are watched again.

settings-back = The settings can be read again
settings-hold = What the file says is in force.
