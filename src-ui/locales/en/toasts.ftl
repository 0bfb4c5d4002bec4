# What flies over the page: what is said of all of them together.

waiting = { $count } more ·{ " " }
dismiss-all = Dismiss all
