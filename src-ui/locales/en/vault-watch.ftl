# Which rules and times watch a vault, and why these.

title = What watches it
and-why = and why
ladder = Room to liquidation
ladder-why = built in: medium, high and critical by the ladder

hold-medium = Medium is told after
hold-high = High is told after
hold-critical = Critical is told after
recovery = Over once back for
repeat-critical = Critical is told again after
repeat-critical-after = and then every
repeat-high = High is told again every
quiet-hours = Quiet hours
notify-from = Notified from
sound-after = Critical is heard after
call-out-after = Channels are told after
ack-lapse = An answer lapses after

at-once = 0 s, at once
from-policy = , by the policy for { $group }
