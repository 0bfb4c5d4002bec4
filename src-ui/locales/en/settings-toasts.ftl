# Where toasts fly, how many at once, and for how long.

head = Toasts
head-note = what flies over the page when something happens
position = Position
top-left = top left
top-center = top center
top-right = top right
bottom-left = bottom left
bottom-center = bottom center
bottom-right = bottom right
visible = Visible at once
visible-hint = more wait behind them
dismiss = Dismiss by themselves
dismiss-hint = Information and good news. Critical alerts and errors always stay.
after = After
after-hint = warnings stay twice as long
limit-range = must be a whole number from { $least } to { $most }
delay-range = must be from 1 to 120 seconds
