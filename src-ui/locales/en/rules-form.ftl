# The form of a rule.

new = New rule
change = Change a rule
note = Note
note-hint = is shown with the alert

# What it looks at.
metric = Looks at
of-vaults = Vaults
of-vaults-or-market = Vaults, or the market of a token
of-markets = Markets
of-platform = Platform
token = Of the token
token-hint = empty: of each vault
field = Field
is = Is one of
is-hint = empty: it is a number
active = active
liquidated = liquidated
closed = closed
suspended = suspended
judged-by = Judged by
by-value = its value
by-percent = its change in percent
by-absolute = its change, absolute
over = Over
over-hint = 10s to 24h

# The ladder.
severity = Then the alert is
alert-when = Alert when it is
below = Below
above = Above
levels = Levels
enter = Enters at
exit = Leaves at
hold = For
enter-of = { $level }: enters at
exit-of = { $level }: leaves at
hold-of = { $level }: for
no-level = At least one level must have a value.
levels-note = A level left empty is not there. Without a second value it is left as it is entered: one with some distance keeps a flickering figure from becoming many alerts.

# How long.
for-at-least = For at least
over-after = Over after
by-policy = empty: by the policy
no-data = Without data
keep = what is known holds on
all-well = all is well
is-alert = it is an alert

# Where and when.
where = Where and when
where-note = left empty: everywhere and always
chains = Chains
tokens = Collateral
labels = Labels
vaults = Vaults
profiles = Profiles
no-chains = are no numbers of chains, such as 1, 8453
hours = Only at certain hours
hours-note = What was raised still ends outside of them.
days-label = Days; none: every day
# The seven of them, with a space between each two.
days = Mon Tue Wed Thu Fri Sat Sun
from = From
to = To
zone = Time zone

# The dry run.
dry-run = Dry run
dry-run-note = when it would have fired
not-recorded = What this rule looks at is not recorded over time, so the past cannot tell.
