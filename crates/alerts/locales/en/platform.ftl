# What the platform tells of, where it does not say so itself; and what became of it.

about = { $subject }: { $what }
ltv = LTV
health-factor = health factor
market-risk = market risk
liquidation = liquidation
performance = performance
system = system
alert = risk alert
not-repeated = Not repeated for 24 h.
said-over = Said to be over.
