# The file with figures over time.

damaged = The history was damaged
damaged-how = Figures over time could not be read any more. The file was moved to { $path }; a new one was begun. Alerts are not affected.
unwritable = The history cannot be written
unwritable-how = { $reason }. Alerts are not affected; figures over time lose detail until it works again.
none = There is no history
none-how = { $reason }. Alerts are not affected; figures over time are not kept.
