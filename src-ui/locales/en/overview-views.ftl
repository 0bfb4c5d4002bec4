# Views of the table under a name.

views = Views
save-this = Save this view…
save-note = filters, order and columns, under a name
delete = Delete { $name }
usual = Back to the usual view
usual-note = every vault, worst first, in all columns

save-head = Save this view
name = Name
replaces = takes the place of the view { $name } that there is
bad-name = must have 1 to { $most } characters
too-many = there are { $most } views already: delete one of them first
cancel = Cancel
save = Save
