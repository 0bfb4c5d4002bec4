# Was aus den Plugins wird.

broken = Das Plugin { $plugin } lässt sich nicht laden
broken-kept = { $reason }. Seine letzte funktionierende Fassung läuft weiter.
broken-gone = { $reason }. Es läuft nicht.
paused = Das Plugin { $plugin } pausiert
paused-how = Es ist zu oft fehlgeschlagen: { $reason }. In einer Minute folgt ein neuer Versuch.
too-many = Zu viele Plugins
too-many-how = Es gibt { $files } Dateien; die ersten { $limit } laufen.
unreadable = Die Plugins sind nicht lesbar
unreadable-how = { $reason }. Was geladen ist, läuft weiter.
# Was ein Plugin selbst sagt.
says = { $message } (Plugin { $plugin })
