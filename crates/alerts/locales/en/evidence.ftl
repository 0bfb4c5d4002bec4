# The values an alert stands on.

room-to-liquidation = Room to liquidation
judgement = The platform's judgement
age = Age of the last update
room = Room
ltv = LTV
threshold = Liquidation threshold
max-ltv = Max LTV
health = Health factor
collateral = Collateral
debt = Debt
price = Price
or-less = { $level } at { $value } or less
or-more = { $level } at { $value } or more
