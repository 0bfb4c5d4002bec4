# A vault's figures side by side, and what else is known of it.

figures = Figures
room = To liquidation
ltv = LTV
max = max { $ltv }
limit = liq. { $ltv }
limit-unknown = liquidation line unknown
health = Health factor
liquidation-price = Liquidation price
price-now = now ${ $price }
debt = Debt
collateral = Collateral

active = Active
liquidated = Liquidated
closed = Closed
suspended = Suspended

particulars = Particulars
ltv-exact = LTV, exact
ltv-own = LTV by our own sums
health-sent = Health factor as sent
status = Status
agent = Agent
protection = Liquidation protection
protection-on = on
protection-off = off
protection-from = from { $threshold } %
protection-cooldown = cooldown { $wait }
risk-check = Last risk check
changed = Changed
created = Created
