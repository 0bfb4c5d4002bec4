# Ways to reach somebody who is not at the screen, and their tests.

head = Sound and channels
head-note = for whoever is not at the screen
none = No channel is configured. With [channels] in config.toml an unanswered critical alert goes to a webhook or to ntfy: a sleeping laptop wakes nobody.
alarm = Alarm
alarm-note = The app's own sound. It repeats while a critical alert is unanswered.
play = Play
send-a-test = Send a test
under-way = Under way…
taken = Taken by the server.
played = Played to its end.

# What became of the last call.
not-called = { $target }, not called yet
called = { $target }, called at { $moment }
not-taken = { $target }: the last call was not taken: { $why }
not-taken-at = { $target }: the last call at { $moment } was not taken: { $why }
