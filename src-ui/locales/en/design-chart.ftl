# A figure over time: what is told of a moment, and the buttons over it.

# From the least to the most, of values or moments.
range = { $from } to { $to }
marked = { $from } to { $to }, Enter zooms in
strip = Stretch of time that is shown

zoom-out = Zoom out
zoom-in = Zoom in
whole = Show the whole
save = Save the chart
save-png = Save as PNG
save-png-note = for a message or a report
save-svg = Save as SVG
save-svg-note = sharp at any size
