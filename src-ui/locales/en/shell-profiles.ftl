# The profiles in the rail and in the top bar.

profiles = Profiles
profile = Profile
demo-feed = Demo feed
settings = Profiles…
paused = Paused
not-watched = Not watched
not-started = Not started
critical = { $count } critical
unread = { $count } unread
