# Why the application gave no answer.

no-shell = this page works inside the VaultWatch window only
unreadable = { $what } is not readable: { $reason }
no-reason = no reason given
