# What a user's rule says.

about = { $name }: { $figure }
now-was = { $title }, was { $first }
recovered = { $name } recovered: { $figure }
recovered-plain = Recovered: { $figure }
is-over = Rule { $rule }: { $lasted }.
is-over-worst = Rule { $rule }: { $lasted }, worst { $worst }.
told = Rule { $rule }: { $sentence }.
no-data = no data
on-chain = { $figure } on { $chain }

# Of a status.
status = { $name } is { $word }
status-again = { $name } is { $word } again
active = active
liquidated = liquidated
closed = closed
suspended = suspended
field = Platform: { $field } is { $words }
field-no-longer = Platform: { $field } is no longer { $words }
# Between words of which one is enough.
or = { " or " }

# When it is how bad.
from = { $metric } from { $enter } is { $level }
down-to = { $metric } down to { $enter } is { $level }
is-level = { $metric } is { $level }

withdrawn = { $name }: rule { $rule } no longer applies
withdrawn-alert = Alert
withdrawn-message = Its alert is closed.

change = { $change } in { $time }
points = { $value } points
yes = yes
no = no

# What it looks at, in a sentence.
ltv = LTV
ltv-of-limit = LTV of its limit
health-factor = health factor
drop = drop to liquidation
room = room to liquidation
utilization = credit line used
price = collateral price
collateral = collateral
debt = debt
depeg = stablecoin off its peg
age = data age
vault-status = status
token-depeg = { $token } off its peg
token-utilization = { $token } utilisation
volatility = volatility
gas-price = gas price
market-age = market data age
