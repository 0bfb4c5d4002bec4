# Die Vaults, die kippen, wenn sich Preise bewegen, der erste zuerst.

label = Vaults, die liquidierbar werden
none = Alle halten stand.
title = Wer zuerst liquidierbar wird
copy = Als CSV kopieren
vault = Vault
falls-at = Liquidierbar bei
room = Abstand jetzt
debt = Schulden
more = Und { $count } weitere, in den Summen oben enthalten.

already = schon jetzt
# Von mehreren Tokens, die sich gleich bewegen, statt des Namens von einem.
prices = Preise
on-the-way = { $share } % des Wegs
