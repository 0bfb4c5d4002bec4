# Die Übersicht: ihre Tabelle, und was dort steht, bevor es einen Vault gibt.

vaults = Vaults
no-match = Kein passender Vault.
no-match-why = Filter und Suche lassen keinen der Vaults übrig.
show-all = Alle Vaults anzeigen
row-menu = Aktionen für { $vault }
# In einem schmalen Fenster, unter einer Zahl, die nicht die gegenwärtige ist. Für „zuletzt bekannt“ ist dort kein Platz.
last-known = veraltet

first-vault = Verbunden mit { $endpoint } · wartet auf den ersten Vault
not-connected = Noch nicht verbunden
connecting = Verbindung wird aufgebaut
unreachable = Der Feed ist nicht erreichbar
no-network = Kein Netzwerk
not-watched = Ihre Vaults werden nicht überwacht
keeps-trying = VaultWatch versucht es von selbst weiter, in wachsenden Abständen. { $link }
what-is-known = Was über die Verbindung bekannt ist
none-yet = Der Feed sendet noch keine Vaults. Sie erscheinen hier, sobald er es tut. { $link }
received-so-far = Was bisher empfangen wurde
loading = Die Vaults werden geladen
