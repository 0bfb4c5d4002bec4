# Was eine eigene Regel sagt.

about = { $name }: { $figure }
now-was = { $title }, zuvor { $first }
recovered = { $name } erholt: { $figure }
recovered-plain = Erholt: { $figure }
is-over = Regel { $rule }: { $lasted }.
is-over-worst = Regel { $rule }: { $lasted }, am schlimmsten { $worst }.
told = Regel { $rule }: { $sentence }.
no-data = keine Daten
on-chain = { $figure } auf { $chain }

# Von einem Status.
status = { $name } ist { $word }
status-again = { $name } ist wieder { $word }
active = aktiv
liquidated = liquidiert
closed = geschlossen
suspended = ausgesetzt
field = Plattform: { $field } ist { $words }
field-no-longer = Plattform: { $field } ist nicht mehr { $words }
# Zwischen Wörtern, von denen eines genügt.
or = { " oder " }

# Ab wann es wie schlimm ist.
from = { $metric } ab { $enter } ist { $level }
down-to = { $metric } ab { $enter } abwärts ist { $level }
is-level = { $metric } ist { $level }

withdrawn = { $name }: Regel { $rule } gilt nicht mehr
withdrawn-alert = Alarm
withdrawn-message = Der Alarm ist geschlossen.

change = { $change } in { $time }
points = { $value } Punkte
yes = ja
no = nein

# Was sie beobachtet, im Satz.
ltv = LTV
ltv-of-limit = LTV im Verhältnis zur Grenze
health-factor = Health-Faktor
drop = Rückgang bis zur Liquidation
room = Abstand zur Liquidation
utilization = Auslastung
price = Preis der Sicherheit
collateral = Sicherheiten
debt = Schulden
depeg = Peg-Abweichung
age = Alter der Daten
vault-status = Status
token-depeg = Peg-Abweichung von { $token }
token-utilization = Auslastung von { $token }
volatility = Volatilität
gas-price = Gaspreis
market-age = Alter der Marktdaten
