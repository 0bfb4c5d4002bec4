# How the connection is, since when, and the addresses it may use.

title = Connection
demo = Embedded demo feed
profile = Profile { $name }
since = for { $age }
trip = Round trip
messages = Messages
invalid = Invalid
duplicates = Duplicates
source = Source
endpoint = Endpoint
last-message = Last message
none-yet = none yet
state-times = Time in each state since the start

addresses = Addresses
addresses-note = in the order of the settings
never-opened = never opened
latency = { $millis } ms to an open socket
failed = { $times ->
    [one] , failed last
   *[other] , failed { $times } times in a row
}
in-use = In use
ready = Ready
left-out = Left out, tried again { $when }
refused = Refused for good, asked again { $when }
