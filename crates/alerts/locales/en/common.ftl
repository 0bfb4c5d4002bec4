# What is said in more than one place. Levels stand in sentences; where one begins a sentence, the code makes it large.

low = low
medium = medium
high = high
critical = critical

# How long.
seconds = { $count } s
minutes = { $count } min
hours = { $count } h
days = { $count } days
unknown-time = an unknown time

lasted = { $level } for { $span }
nothing-to-do = Nothing to do.
open-triage = Open triage.
worst = Worst: { $worst }.
liquidated = { $name } liquidated
platform = Platform
vaults = { $count ->
    [one] { $count } vault
   *[other] { $count } vaults
}

# Where a click on it leads.
view-vault = View vault
view-connection = View connection
view-settings = View settings
view-alerts = View alerts
