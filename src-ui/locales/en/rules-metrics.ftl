# What a rule may look at.

room = Room to liquidation
drop = Drop of all collateral to liquidation
ltv = LTV
ltv-of-limit = LTV of its limit
health-factor = Health factor
utilization = Utilisation
collateral = Collateral
debt = Debt
price = Price
depeg = Stablecoin off its peg
data-age = Age of a vault's data
vault-status = Status of a vault
volatility = Volatility
gas-price = Gas price
market-age = Age of market data
status = A field of the platform's status
