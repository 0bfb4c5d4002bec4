# Warum die Anwendung keine Antwort gab.

no-shell = diese Seite läuft nur im Fenster von VaultWatch
unreadable = { $what } ist nicht lesbar: { $reason }
no-reason = ohne Angabe eines Grundes
