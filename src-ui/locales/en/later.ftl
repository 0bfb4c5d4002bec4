# The part of the window that is loaded after its first screen, where that failed.

failed = Part of the window is missing.
failed-why = { " " }Alerts, menus and the other pages cannot be shown: a file of the application cannot be read. Your vaults are still being watched, and critical alerts still reach you through the system. If trying again does not help, install VaultWatch anew.
again = Try again
no-page = This page could not be loaded
