# The line above the table: what is shown, in which order, and how much that is.

filters = Filters
worst-first = Worst first
at-risk = At risk
stale = Stale
all-chains = All chains
clear = Clear
# How many lines would move, were they not held; with a word in bold.
moved = { $count } moved · { $resume }
resume = Resume
copy = Copy { $count } as CSV
release = Choose none of them any more
release-keys = Choose none (Esc)
