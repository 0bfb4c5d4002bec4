# Was aus einem Vault bei anderen Preisen würde, oder nach einer Zahlung.

title = Was wäre wenn
reset = Zurücksetzen
price-of = { $token } bei

none = Von den Sicherheiten bliebe nichts übrig, oder es ist zu wenig bekannt.

as-now = So, wie es jetzt ist.
falls = Der Vault könnte liquidiert werden.
falls-cure = Der Vault könnte liquidiert werden. Mit { $usd } Rückzahlung hätte er wieder 15 % Abstand.
stands = Der Vault hielte stand, mit genug Abstand.
stands-cure = Der Vault hielte stand. Für 15 %: { $repay } zurückzahlen oder { $add } aufstocken.

no-number = ist keine Dezimalzahl
negative = darf nicht negativ sein
too-large = ist größer als jeder Geldbetrag
no-price = muss größer als null sein
incomparable = lässt sich mit einem Preis von null nicht vergleichen
