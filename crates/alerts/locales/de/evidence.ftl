# Die Werte, auf denen ein Alarm beruht.

room-to-liquidation = Abstand zur Liquidation
judgement = Urteil der Plattform
age = Alter der letzten Aktualisierung
room = Abstand
ltv = LTV
threshold = Liquidationslinie
max-ltv = Beleihungsgrenze
health = Health-Faktor
collateral = Sicherheiten
debt = Schulden
price = Preis
or-less = { $level } bei { $value } oder weniger
or-more = { $level } bei { $value } oder mehr
