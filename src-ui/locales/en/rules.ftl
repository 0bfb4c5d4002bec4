# The page of the rules, and what its forms have in common.

head = Rules
note = Every vault's room to liquidation is watched by itself. Rules are what you want to be told of besides.
new = New rule
none-yet = No rules so far.
locked = Nothing can be changed here.{ " " }
locked-why = { $path } must be corrected first: { $fault }
# The path is no text.
file = They stand in { $path }, where they can be edited, too; comments are kept.
is-on = { $rule } is on
more = More
edit = Edit
duplicate = Duplicate
delete = Delete
delete-note = its alerts end; can be undone
save = Save
cancel = Cancel
name = Name
name-hint = a-z, 0-9, _, - and .

# A level in a sentence.
medium = medium
high = high
critical = critical

# What was done, where it can be undone.
added = Added the rule { $rule }
changed = Changed the rule { $rule }
deleted = Deleted the rule { $rule }
switched-on = Switched { $rule } on
switched-off = Switched { $rule } off

# Why something was not done. What is wrong stands behind the place.
outdated = The file was changed by somebody else: this is what stands there now. Nothing was saved.
changed-meanwhile = Somebody else has changed or deleted this meanwhile, so nothing was saved. What you typed stays here; leave the form to see what stands in the file now.
at-rule = rule { $number }
at-policy = policy { $number }
at-labels = labels
