# What people are told of the connection, of messages that did not come or cannot be read, and of the keys to read them.

missed-by-platform = { $count ->
    [one] { $count } platform message was missed
   *[other] { $count } platform messages were missed
}
missed-by-platform-how = The server keeps them only for a while, and the connection was away for longer. The vaults are up to date; alerts the platform sent in between are not among these.
maybe-missed = Platform messages may have been missed
maybe-missed-how = The server cannot tell: it keeps them only for a while, or was started anew. The vaults are up to date.
refused = A message was refused
refused-how = { $type }: { $reason } ({ $code }). See `vaultwatchctl outbox list`.
disk = The disk does not do its part
disk-how = While { $doing }: { $reason }. Watching goes on; look for free space and permissions.
token = The access token could not be renewed
token-how = { $reason }. When the old one expires the connection is lost.
gap = Messages were missed
gap-how = Those after { $from } and up to { $to } did not come, and the server did not send them again. Values come with the next update of their vault; an alert of the platform among them is lost.

unreadable = Encrypted messages cannot be read
unreadable-how = { $reason }. What they say is not watched. `vaultwatchctl keys` shows which keys there are.
no-keys-how = { $reason }. What is not encrypted is watched.
readable = Encrypted messages can be read again
readable-how = The keys are there. What came before them follows now.
keys-unusable = Nothing is watched: the keys cannot be used
