# What is left when the window's own code fails.

title = This window stopped
why = Something in the display went wrong. Your vaults are still being watched, and critical alerts still reach you through the system.
reload = Reload
