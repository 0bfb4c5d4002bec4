# The overview: its table, and what stands there before there is a vault.

vaults = Vaults
no-match = No vault matches.
no-match-why = The filters and the search leave none of the vaults.
show-all = Show all vaults
row-menu = What can be done with { $vault }
# In a narrow window, below a figure that is not the present one.
last-known = last known

first-vault = Connected to { $endpoint } · waiting for the first vault
not-connected = Not connected yet
connecting = Connecting
unreachable = The feed cannot be reached
no-network = No network
not-watched = Your vaults are not watched
keeps-trying = VaultWatch keeps trying by itself, with growing pauses. { $link }
what-is-known = What is known of the connection
none-yet = The feed sends no vaults yet. They appear here as soon as it does. { $link }
received-so-far = What was received so far
loading = Loading the vaults
