# What can be done with a row of the table, or with those that are chosen.

vault = Vault { $id }
open = Open
none-waits = no alert waits
acknowledge = Acknowledge
snooze = Snooze 10 minutes
copy-rows = Copy { $count } rows as CSV
copy-row = Copy row as CSV
copy-ids = Copy ids
copy-id = Copy id
explorer = Open in the explorer
copy-link = Copy explorer link
