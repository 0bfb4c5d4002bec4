# Die Einstellungsdatei, geändert, während nach ihr überwacht wird.

broken = config.toml gilt nicht: Sie enthält einen Fehler
broken-how = { $reason } { $counts }, und die Überwachung läuft weiter. `vaultwatchctl config validate` nennt alle Fehler.
counts-since-start = Es gelten die letzten lesbaren Einstellungen
counts-in-part = Dieses Profil wird nicht überwacht, die anderen schon
counts-as-before = Was vorher galt, gilt weiter

changed = Die Einstellungen wurden geändert
wait = Geänderte Einstellungen warten auf einen Neustart
in-force = Es gilt: { $what }.
later = Ab dem nächsten Start von VaultWatch: { $what }.
rules = Regeln und Richtlinien
telling = wie Alarme gemeldet werden
channels = wer gerufen wird
retention = wie lange etwas aufbewahrt wird
begun = nun überwacht: { $names }
stopped = nicht mehr überwacht: { $names }
restarted = neu verbunden: { $names }
