# The vaults that fall when prices move, the first one first.

label = Vaults that fall
none = All of them would stand.
title = The first to fall first
copy = Copy as CSV
vault = Vault
falls-at = Falls at
room = Left now
debt = Debt
more = And { $count } more, which the sums above have.

already = already
# Of several tokens that move alike, where one has its name.
prices = prices
on-the-way = { $share } % of the way
