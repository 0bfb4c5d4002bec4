# Wo Fremde mitlesen: welcher Alarm, wovon, wie schlimm. Kein Betrag, kein Preis, kein Anteil, keine Anzahl.

is = { $name }: { $what }, { $level }
close = Nah an der Liquidation. Zurückzahlen oder Sicherheiten hinzufügen.
close-many = Nah an der Liquidation.
closer = Näher an der Liquidation als zuvor.
read = Mehr dazu in VaultWatch.
no-data = Keine Daten, { $level }
settings = Die Einstellungen, { $level }
settings-open = Was daran falsch ist, zeigt VaultWatch.
no-news = keine neuen Werte
rule = Regel { $rule }
figures = Die Zahlen zeigt VaultWatch.
with = Vaults mit { $token }: { $level }
on = Vaults auf { $chain }: { $level }
notice = Ein Hinweis, { $level }
look = Es gibt etwas anzusehen.
nothing-critical = Nichts Kritisches.
several = Mehrere Alarme, der schlimmste { $level }
