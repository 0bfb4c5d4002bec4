# Welche Regeln und Zeiten einen Vault überwachen, und warum diese.

title = Was ihn überwacht
and-why = und warum
ladder = Abstand zur Liquidation
ladder-why = eingebaut: mittel, hoch und kritisch nach festen Stufen

hold-medium = Mittel wird gemeldet nach
hold-high = Hoch wird gemeldet nach
hold-critical = Kritisch wird gemeldet nach
recovery = Erledigt, wenn wieder gut seit
repeat-critical = Kritisch wird wiederholt nach
repeat-critical-after = und dann alle
repeat-high = Hoch wird wiederholt alle
quiet-hours = Ruhezeiten
notify-from = Benachrichtigung ab
sound-after = Ton bei Kritisch nach
call-out-after = Kanäle nach
ack-lapse = Quittierung verfällt nach

at-once = 0 s, sofort
from-policy = , nach der Richtlinie für { $group }
