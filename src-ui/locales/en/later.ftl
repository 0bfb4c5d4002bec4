# The part of the window that is loaded after its first screen, where that failed.

failed = This page could not be loaded
failed-why = A file of the application cannot be read. Your vaults are still being watched. If trying again does not help, install VaultWatch anew.
again = Try again
