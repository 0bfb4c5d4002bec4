# Of a vault's own figures: how far it is from liquidation, what became of that, what to do.

room = { $name }: { $room } % to liquidation
ltv-is = { $name }: LTV { $ltv } %
health-is = { $name }: health factor { $health }
at-risk = { $name }: at risk
room-was = { $name }: { $room } % left, was { $first } %

price = { $token } ${ $price }, liquidates ${ $liquidation }.
ltv = LTV { $ltv } %.
ltv-change = LTV { $before } → { $now } %.
no-limit = No limit is known.
remedy = Repay { $repay } or add { $add } → { $target } %.
check = Check the vault.

# What has made it worse.
changes = { $changes } in { $span }.
changes-price = { $changes } in { $span }, liquidates ${ $liquidation }.
more-debt = debt +{ $more }
less-collateral = collateral −{ $less }
lower-threshold = threshold { $first } → { $now } %
lower-max-ltv = max LTV { $first } → { $now } %

recovered = { $name } recovered
recovered-to = { $name } recovered: { $room } % left
lasted-low = { $lasted }, low { $low } %.

liquidated-at = { $clock }: { $told }
taken = { $repaid } repaid, { $taken } taken.
left = Left: { $left }.
review = Review the remainder.

# A sentence for the vault's page.
unknown = Not enough is known to judge this vault.
no-debt = No debt, so nothing can be liquidated.
may-fall = { $token } may fall { $room } % before this vault can be liquidated.
has-room = { $room } % of room to liquidation.
no-limit-ltv = LTV { $ltv } %, and no limit is known.
judged = { $level } by the platform's own judgement.
