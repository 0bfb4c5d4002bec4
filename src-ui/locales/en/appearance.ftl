# How the window looks, and in which language it speaks.

head = Appearance
theme = Theme
system = System
system-note = follows the desktop
dark = Dark
dark-note = for dim rooms
light = Light
light-note = for bright ones
language = Language
