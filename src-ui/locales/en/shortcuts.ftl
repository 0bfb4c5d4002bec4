# Which keys do what. The keys are called as they are on a keyboard of the country.

title = Keyboard shortcuts

ctrl = Ctrl
shift = Shift
enter = Enter
space = Space
escape = Esc
page-up = Page Up
page-down = Page Down
home = Home
end = End

anywhere = Anywhere
palette = find a vault, a page, or something to do
search = search
this-list = this list
take-back = take back what was done last
back = back, or clear the filters

alerts = Alerts
acknowledge = acknowledge the alert that is shown, or of the vault that is shown or marked
snooze = snooze it for 10 minutes

table = The table
walk = walk
cells = through the cells of a row
open = open the vault
choose = choose it; more with Shift and the arrows, all with Ctrl A
menu = what can be done with it
copy = copy it, or those that are chosen, as CSV
column = from its head: move the column

charts = Charts
moment = the value at a moment
stretch = mark a stretch; Enter zooms into it
zoom = closer, further, the whole
along = move along
