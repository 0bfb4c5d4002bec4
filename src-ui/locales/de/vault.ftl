# Die Seite eines Vaults: wie er dasteht, woraus er besteht, seine Alarme.

loading = Der Vault wird geladen
none = Kein Vault { $id } in diesem Feed
none-why = Er ist vielleicht geschlossen oder gehört zu einem anderen Profil. Seine Alarme bleiben erhalten.{ " " }
to-overview = Zur Übersicht
unread = { $id } konnte nicht gelesen werden
unread-note = Die Überwachung ist nicht betroffen. Mit der nächsten Aktualisierung des Vaults wird es erneut versucht.

updated = Aktualisiert vor { $age }
last-known = Zuletzt bekannt vor { $age }

no-collateral = Nichts hinterlegt.
no-debt = Keine Schulden.
token = Token
amount = Menge
price = Preis $
value = Wert $
unnamed = Ohne Namen

alerts = Alarme dieses Vaults
no-alerts = Bisher keine.
