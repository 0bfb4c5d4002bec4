# A rule in a line: `Price of WETH, change in % over 30m below -10 % (critical)`, and whom it is about.

of-token = { $metric } of { $token }
of-status = Status { $field }
change-percent = { $quantity }, change in % over { $time }
change-absolute = { $quantity }, change over { $time }
below = below { $levels }
above = above { $levels }
is = is { $words } ({ $level })
# Between words of which one is enough.
or = { " or " }
chains = chain { $all }
tokens = collateral { $all }
labels = label { $all }
vaults = vault { $all }
profiles = profile { $all }
at-hours = at certain hours
