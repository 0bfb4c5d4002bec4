# Labels of vaults.

head = Labels
note = Groups of vaults by name, for rules and policies.
new = New label
change = Change a label
vaults = Vaults
vaults-hint = ids, or beginnings of ids with a *
delete = Delete the label { $label }
deleted = Deleted the label { $label }
saved = Saved the label { $label }
