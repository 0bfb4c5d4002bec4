# The small parts that everything is made of.

close = Close
close-key = Close (Esc)

discard-title = Discard changes?
discard-why = What was changed in the form was not saved. Esc again discards it.
keep-editing = Keep editing
discard = Discard

acknowledge = Acknowledge
dismiss = Dismiss
dismiss-one = Dismiss: { $title }

ago = { $age } ago

view-vault = View vault
view-connection = View connection
view-settings = View settings
view-alerts = View alerts
