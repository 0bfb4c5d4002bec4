# Wovon die Plattform meldet, wo sie es nicht selbst sagt; und was daraus wurde.

about = { $subject }: { $what }
ltv = LTV
health-factor = Health-Faktor
market-risk = Marktrisiko
liquidation = Liquidation
performance = Performance
system = System
alert = Risikoalarm
not-repeated = Seit 24 h nicht wiederholt.
said-over = Als erledigt gemeldet.
