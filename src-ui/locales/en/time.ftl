# Ages, moments, and how long something takes.

seconds = { $count } s
minutes = { $count } min
hours = { $count } h
days = { $count } d
now = now
in-seconds = in { $count } s
in-minutes = in { $count } min
# The twelve of them, with a space between each two.
months = Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec
day = { $day } { $month }
