# Die Spalten der Tabelle in der Übersicht, und was mit ihnen getan werden kann.

level = Stufe
vault = Vault
room = Abstand %
hf = HF
ltv = LTV %
price = Liq.-Preis $
debt = Schulden $
cure = Abhilfe $
trend = Trend
chain = Chain
age = Alter
# Die Marken auf dem Balken unter LTV.
max = max
liq = liq

level-means = Wie nah an der Liquidation
vault-means = Der Vault und seine Sicherheiten
room-means = Wie weit die Sicherheiten bis zur Liquidation noch fallen dürfen, abgerundet
hf-means = Health-Faktor: unter 1 kann der Vault liquidiert werden
ltv-means = Schulden / Sicherheiten, mit Beleihungsgrenze und Liquidationslinie
price-means = Preis der Sicherheit, bei dem der Vault liquidiert werden kann
debt-means = Was geschuldet ist
cure-means = Was für 15 % Abstand zurückzuzahlen ist, aufgerundet
trend-means = Abstand zur Liquidation in der letzten Stunde; fallend ist schlechter
chain-means = Die Blockchain
age-means = Seit der letzten Aktualisierung

width = Breite der Spalte { $column }
usual-width = wie üblich
pixels = { $count } Pixel

columns = Spalten
copy = Als CSV kopieren
copy-note = alle angezeigten Vaults, mit allen Stellen
usual-order = Übliche Reihenfolge

column = Spalte { $column }
move-left = Nach links
move-right = Nach rechts
keys-left = Umschalt+Alt+←
keys-right = Umschalt+Alt+→
hide = Ausblenden
