# Die Profile in der Leiste und oben.

profiles = Profile
profile = Profil
demo-feed = Demo-Feed
settings = Profile …
paused = Pausiert
not-watched = Nicht überwacht
not-started = Nicht gestartet
critical = { $count } kritisch
unread = { $count } ungelesen
