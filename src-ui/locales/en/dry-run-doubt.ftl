# For whoever says that an alert was a false alarm.

head = Was the rule wrong?
# The alert's title is no text.
kept = Your verdict is kept, and { $alert } is acknowledged. It is told again when it gets worse.
reading = Reading the rules…
# The rule's name is no text.
by-your-rule = It was raised by your rule { $rule }.
by-ladder = It was raised by the ladder that is built in, by which every vault is watched. How long a level must last can be set by a policy.
by-none = No rule of yours raised it, so there is none to change.
leave = Leave it as it is
change = Change this rule
to-rules = Rules and policies
