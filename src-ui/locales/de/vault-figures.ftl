# Die Zahlen eines Vaults nebeneinander, und was sonst von ihm bekannt ist.

figures = Kennzahlen
room = Abstand
ltv = LTV
max = max. { $ltv }
limit = Liq. { $ltv }
limit-unknown = Liquidationslinie unbekannt
health = Health-Faktor
liquidation-price = Liquidationspreis
price-now = jetzt ${ $price }
debt = Schulden
collateral = Sicherheiten

active = Aktiv
liquidated = Liquidiert
closed = Geschlossen
suspended = Ausgesetzt

particulars = Einzelheiten
ltv-exact = LTV, genau
ltv-own = LTV, selbst berechnet
health-sent = Health-Faktor laut Feed
status = Status
agent = Agent
protection = Liquidationsschutz
protection-on = ein
protection-off = aus
protection-from = ab { $threshold } %
protection-cooldown = Wartezeit { $wait }
risk-check = Letzte Risikoprüfung
changed = Geändert
created = Angelegt
