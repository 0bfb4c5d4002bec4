# The names of the pages: in the rail, over each page, and in the palette.

pages = Pages
overview = Overview
alerts = Alerts
markets = Markets
what-if = What if
system = System
settings = Settings
rules = Rules
welcome = Welcome
