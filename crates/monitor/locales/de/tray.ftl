# Das Symbol im Infobereich: Zeilen seines Menüs und was erscheint, wenn man darauf zeigt.

waiting = Wartet
connecting = Verbindet
live = Live
retrying = Verbindet neu
offline = Offline
not-guarded = Unbewacht
paused = Pausiert
not-watched = Nicht überwacht
not-started = Nicht gestartet

no-network = kein Netz, nichts wird überwacht
vaults = { $count ->
    [one] { $count } Vault
   *[other] { $count } Vaults
}
profiles = { $count } Profile
live-of = { $live } von { $all } live
critical = { $count } kritisch
critical-when-last-seen = { $count } zuletzt kritisch
stale = { $count } veraltet
all-paused = Nichts wird überwacht: Alle Profile sind pausiert
unseen = Benachrichtigungen werden womöglich nicht gesehen: { $reason }

# Hinter dem Titel eines Alarms.
acknowledged = (quittiert)
snoozed = (zurückgestellt)
