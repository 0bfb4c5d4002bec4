# Where strangers may read it: which alert it is, of what, how bad. No amount, price, share or number of vaults.

is = { $name }: { $what }, { $level }
close = Close to liquidation. Repay or add collateral.
close-many = Close to liquidation.
closer = Closer to liquidation than it was.
read = Open VaultWatch to read it.
no-data = No data, { $level }
settings = The settings, { $level }
settings-open = Open VaultWatch to see what is wrong.
no-news = no news
rule = rule { $rule }
figures = Open VaultWatch for its figures.
with = Vaults with { $token }: { $level }
on = Vaults on { $chain }: { $level }
notice = A notice, { $level }
look = There is something to look at.
nothing-critical = Nothing critical.
several = Several alerts, the worst { $level }
