# What is remarked of a change of profiles that somebody made in the window's settings.

until-end = { $name } is watched until VaultWatch ends, which was started for it; after that it is paused.
from-next-start = { $reason }: { $name } is watched from the next start without it.
not-watched = { $name } is not watched: { $reason }
not-all-deleted = { $name } is removed, but not all that was kept of it could be deleted: { $reason }
