# The strip of sums above the table.

totals = Totals
at-risk = Debt at risk
not-known = not known now
cure = Cures it, to 15 % left
repay = repay
closest = Closest
stale = Stale
all-fresh = all fresh
not-summed = not summed
show-only = Show only { $level }
summed = { $vaults } · { $collateral } · debt { $debt }
