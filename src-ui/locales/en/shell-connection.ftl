# How the feed is: a word in the top bar, a sentence under it.

starting = Starting
waiting = Waiting
connecting = Connecting
live = Live
retrying = Reconnecting
offline = Offline
not-guarded = Not guarded

no-network = this machine has no network, nothing is guarded

waiting-why = Not connected yet: { $cause }. Your vaults are not watched.
connecting-to = Connecting to { $endpoint }
connecting-again = Connecting to { $endpoint }, attempt { $attempt }
retrying-why = Connection lost: { $cause }. Attempt { $attempt } { $when }. Check the lender directly if a vault is close.
offline-why = This machine has no network since { $age }. Your vaults are not watched. It connects by itself as soon as there is one.
refused = Not connected: { $cause }. Your vaults are not watched.
refused-again = The server refused: { $cause }. Your vaults are not watched. Tried again { $when }. Check the address and the token.
