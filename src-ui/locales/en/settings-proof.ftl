# The test critical: would an alert be seen and heard?

card = Proof of guarding
head = Would an alert reach you?
blocked = The system shows no notifications now.{ " " }
about = A test critical takes the whole way: the center, a notification of the system, and sound. No vault is in danger.
send = Send a test critical
again = Test again
close = Close
no = No

not-sent = The test was not sent
did-you-see = Did you see it?
what-to-see = A notification of the system, titled “Test”, outside of this window.
saw = Yes, I saw it
did-you-hear = Did you hear it?
what-to-hear = A critical alert comes with a sound. Unacknowledged, it repeats.
heard = Yes, I heard it
guarded = You are guarded
in-the-way = Something is in the way

# How far the notification has come.
on-its-way = On its way…
handed-over = Handed over; the system has not confirmed it yet.
shown = The system says that it shows it.
not-shown = The system does not show it: { $cause }
not-wanted = It stays in this window: demo data wake nobody after the first time.

# What to do.
all-well = Critical alerts are seen and heard on this machine.
shows-none = The system shows no notifications: { $why }
allow = Look at the system's notification settings: VaultWatch must be allowed to show them, and Do Not Disturb must be off.
until-then = Until then critical alerts are told in this window, at the tray icon, and by sound.
volume = Look at the system's volume and output device, and at the sound of notifications.
keep-awake = While this machine sleeps nothing is watched: keep it awake, or have a channel or a gateway wake you.
