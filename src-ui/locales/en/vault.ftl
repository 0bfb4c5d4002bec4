# The page of one vault: how it stands, what it is made of, its alerts.

loading = Loading the vault
none = No vault { $id } in this feed
none-why = It may be closed, or belong to another profile. Its alerts are kept.{ " " }
to-overview = To the overview
unread = { $id } could not be read
unread-note = Monitoring is not affected. It is tried again with the vault's next update.

updated = Updated { $age } ago
last-known = Last known, { $age } ago

no-collateral = Nothing is deposited.
no-debt = Nothing is owed.
token = Token
amount = Amount
price = Price $
value = Value $
unnamed = Unnamed

alerts = Alerts of this vault
no-alerts = None so far.
