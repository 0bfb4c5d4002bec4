# What an alert stands on. Figures and their names come from the core.

rule = Rule
value = Value
liquidation-price = Liquidation price
cure = Cure
values = Values
last-known = last known: no newer ones arrive
raised = Raised
changed = Changed
notification = System notification
on-its-way = on its way
shown = shown { $moment }
not-shown = not shown: { $cause }. Tried again.
raised-by = Raised by
message = The message that raised it
cut = Its first { $kept } of { $all } bytes.
