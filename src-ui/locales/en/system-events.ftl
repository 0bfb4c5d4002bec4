# What happened to the connection, and which messages were not understood.

label = What happened to the connection
title = What happened
trouble-only = Trouble only
failed = It cannot be told now: { $why }
no-trouble = No trouble since the start.
nothing = Nothing yet.
only-last = Only the last ones
more = { $count ->
    [one] { $count } event more
   *[other] { $count } events more
}

invalid = Invalid messages
invalid-since = { $count } since the start
all-understood = Every message was understood.
and-more = and { $count } more

not-text = not text
not-json = not JSON
not-object = no object
envelope = envelope
batch = batch
payload = payload
too-large = too large
control = control message
compressed = compression
encrypted = encryption
