# Wie es um den Feed steht: ein Wort in der oberen Leiste, ein Satz darunter.

starting = Startet
waiting = Wartet
connecting = Verbindet
live = Live
retrying = Verbindet neu
offline = Offline
not-guarded = Unbewacht

no-network = dieser Rechner hat kein Netz, nichts wird überwacht

waiting-why = Noch nicht verbunden: { $cause }. Ihre Vaults werden nicht überwacht.
connecting-to = Verbindet mit { $endpoint }
connecting-again = Verbindet mit { $endpoint }, Versuch { $attempt }
retrying-why = Verbindung verloren: { $cause }. Versuch { $attempt } { $when }. Sehen Sie direkt beim Kreditgeber nach, wenn es bei einem Vault knapp ist.
offline-why = Dieser Rechner hat seit { $age } kein Netz. Ihre Vaults werden nicht überwacht. Sobald es wieder da ist, verbindet sich VaultWatch von selbst.
refused = Nicht verbunden: { $cause }. Ihre Vaults werden nicht überwacht.
refused-again = Der Server lehnt ab: { $cause }. Ihre Vaults werden nicht überwacht. Nächster Versuch { $when }. Prüfen Sie Adresse und Zugangstoken.
