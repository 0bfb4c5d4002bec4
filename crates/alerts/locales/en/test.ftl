# The alert that somebody asks for.

title = Test: this is what a critical alert looks like
message = If you saw and heard this, you will be woken. Acknowledge it, or wait a minute.
over = Test: over
over-message = Did you see and hear it? If not, see Settings.
