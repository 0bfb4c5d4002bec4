# First run: what to watch, and the address that is tried before it is kept.

choose = What would you like to watch?
first-run = Welcome
first-run-head = Welcome. This is a demo; what would you like to watch?
feed = Connect a feed
feed-note = All vaults that your account may see. You need the address, and most likely a token.
one-vault = Watch one vault
one-vault-note = Yours, by its address or id. Nothing else is asked for.
demo = Look at the demo
demo-note = A made-up market on this machine, to look around. It wakes nobody.

# The form
vault = Vault
vault-example = 0x… or ETH-001
vault-hint = as the platform calls it, capital letters included
vault-missing = must not be empty
address = Address
address-hint = of the platform's feed
token = Token
token-hint = where the platform gave you one; it goes into the system's keychain, never into a file
name = Name
name-hint = of the profile, as you want it called
back = Back
try-it = Try it
trying = Trying it…
try-again = Try again
keep = Keep and watch
keep-all-the-same = Keep it all the same

# The test, step by step.
step-configuration = configuration
step-token = token
step-proxy = proxy
step-certificate = certificate
step-upgrade = upgrade
step-keys = keys
step-hello = hello
step-first-message = first message
step-round-trip = round trip
under-way = Under way…
ends-there = The way ends there. Nothing was kept.
not-tried = It could not be tried: { $why }
values-come = Values come in. The first message:
and-more = and more
says-nothing = The feed is there, and says nothing at the moment.

# At the end
watched = Watched
is-watched = { $name } is watched
watched-about = It goes on with the window closed, from the tray, and starts anew by itself when the connection is lost.
to-overview = To the overview
