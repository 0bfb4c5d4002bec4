# What becomes of the user's plugins.

broken = The plugin { $plugin } does not load
broken-kept = { $reason }. Its last good version runs on.
broken-gone = { $reason }. It does not run.
paused = The plugin { $plugin } is paused
paused-how = It failed too often: { $reason }. It is tried again in a minute.
too-many = Too many plugins
too-many-how = There are { $files } files; the first { $limit } run.
unreadable = The plugins cannot be read
unreadable-how = { $reason }. What was loaded runs on.
# A plugin's own words.
says = { $message } (plugin { $plugin })
