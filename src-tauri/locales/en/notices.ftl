# What the shell tells of itself: what went wrong with an earlier run, a file or a profile.

part-failed = A part of VaultWatch failed
part-failed-how = It went on without it. The report is at { $path }.
ended = VaultWatch ended unexpectedly
ended-report = The report is at { $path }.
ended-killed = It was killed, or the machine lost its power.
ended-unwatched = Nobody was watching from { $from } to { $to }.

database-damaged = The database was damaged
database-damaged-how = Notifications and settings could not be read any more. The file was moved to { $path }; a new one was begun.
disk-full = The disk is full: nothing is kept
disk-full-how = { $reason }. Vaults are watched and alerts are told, but earlier ones are not known, and nothing is kept. Free some space, then start VaultWatch again.
outbox-damaged = The outbox was damaged
outbox-damaged-how = Messages that waited to be sent cannot be read any more. The file was moved to { $path }; a new one was begun.
outbox-unusable = The outbox cannot be used
outbox-unusable-how = { $reason }. Watching goes on; messages are not kept over a restart.

watch-failed = The watch of { $name } failed
watch-failed-how = It was begun anew and goes on where it was. A report is in the folder `crashes`.
not-watched = { $name } is not watched
not-watched-how = { $reason }. The other profiles are.
