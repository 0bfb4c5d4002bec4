# Von den Zahlen eines Vaults: wie weit er von der Liquidation entfernt ist, was daraus wurde, was zu tun ist.

room = { $name }: { $room } % bis zur Liquidation
ltv-is = { $name }: LTV { $ltv } %
health-is = { $name }: Health-Faktor { $health }
at-risk = { $name }: gefährdet
room-was = { $name }: noch { $room } %, zuvor { $first } %

price = { $token } ${ $price }, Liquidation bei ${ $liquidation }.
ltv = LTV { $ltv } %.
ltv-change = LTV { $before } → { $now } %.
no-limit = Liquidationslinie unbekannt.
remedy = { $repay } zurückzahlen oder { $add } hinzufügen → { $target } %.
check = Vault prüfen.

# Was es verschlimmert hat.
changes = { $changes } in { $span }.
changes-price = { $changes } in { $span }, Liquidation bei ${ $liquidation }.
more-debt = Schulden +{ $more }
less-collateral = Sicherheiten −{ $less }
lower-threshold = Liquidationslinie { $first } → { $now } %
lower-max-ltv = Beleihungsgrenze { $first } → { $now } %

recovered = { $name } erholt
recovered-to = { $name } erholt: wieder { $room } %
lasted-low = { $lasted }, am tiefsten { $low } %.

liquidated-at = { $clock }: { $told }
taken = { $repaid } zurückgezahlt, { $taken } eingezogen.
left = Übrig: { $left }.
review = Den Rest prüfen.

# Ein Satz für die Seite des Vaults.
unknown = Um diesen Vault zu beurteilen, ist zu wenig bekannt.
no-debt = Keine Schulden, also kann nichts liquidiert werden.
may-fall = { $token } darf noch { $room } % fallen, bevor dieser Vault liquidiert werden kann.
has-room = { $room } % Abstand zur Liquidation.
no-limit-ltv = LTV { $ltv } %, die Liquidationslinie ist unbekannt.
judged = { $level } nach dem Urteil der Plattform.
