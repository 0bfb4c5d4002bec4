# The columns of the overview's table, and what can be done with them.

level = Level
vault = Vault
room = To liq. %
hf = HF
ltv = LTV %
price = Liq. price $
debt = Debt $
cure = Cure $
trend = Trend
chain = Chain
age = Age
# The marks on the bar below LTV.
max = max
liq = liq

level-means = How close to liquidation
vault-means = The vault and its collateral
room-means = How far the collateral may fall before liquidation, rounded down
hf-means = Health factor: below 1 the vault may be liquidated
ltv-means = Debt / collateral, with the most that may be borrowed and the liquidation line
price-means = Price of the collateral at which the vault may be liquidated
debt-means = What is owed
cure-means = What to repay for 15 % left, rounded up
trend-means = Distance to liquidation over the last hour; falling is worse
chain-means = The blockchain
age-means = Since the last update

width = Width of the column { $column }
usual-width = as usual
pixels = { $count } pixels

columns = Columns
copy = Copy as CSV
copy-note = every vault that is shown, with all its digits
usual-order = Usual order

column = Column { $column }
move-left = Move left
move-right = Move right
keys-left = Shift+Alt+←
keys-right = Shift+Alt+→
hide = Hide
