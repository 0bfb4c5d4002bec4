# Die Vaults, die kippen, wenn sich Preise bewegen, der erste zuerst.

label = Vaults, die kippen
none = Alle halten stand.
title = Wer zuerst kippt
copy = Als CSV kopieren
vault = Vault
falls-at = Kippt bei
room = Abstand jetzt
debt = Schulden
more = Und { $count } weitere, in den Summen oben enthalten.

already = schon jetzt
# Von mehreren Token, die sich gleich bewegen, statt des Namens von einem.
prices = Preise
on-the-way = { $share } % des Wegs
