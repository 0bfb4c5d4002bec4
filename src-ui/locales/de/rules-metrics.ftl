# Was eine Regel beobachten kann.

room = Abstand zur Liquidation
drop = Rückgang aller Sicherheiten bis zur Liquidation
ltv = LTV
ltv-of-limit = LTV im Verhältnis zur Grenze
health-factor = Health-Faktor
utilization = Auslastung
collateral = Sicherheiten
debt = Schulden
price = Preis
depeg = Peg-Abweichung
data-age = Alter der Daten eines Vaults
vault-status = Status eines Vaults
volatility = Volatilität
gas-price = Gaspreis
market-age = Alter der Marktdaten
status = Feld im Status der Plattform
