# Die Seite mit Preisen und Lage jeder Chain.

none-yet = Noch keine Marktdaten
none-yet-why = Preise erscheinen, sobald der Feed sie sendet. Vaults werden nach den Zahlen beurteilt, die mit ihnen kommen: Die Überwachung wartet nicht auf Preise.
received-so-far = Was bisher empfangen wurde
loading = Die Märkte werden geladen
last-known = zuletzt bekannt,{ " " }
day = 24 h
volatility = Volatilität
gas = Gas
block = Block
token = Token
change = Änderung in 24 h
price = Preis $
bearish = Fallend
neutral = Neutral
bullish = Steigend
