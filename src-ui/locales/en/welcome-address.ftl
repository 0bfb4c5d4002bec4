# Why a text is no feed's address, or no profile's name: goes on where the field's name ends.

missing = is missing: it looks like wss://feed.example/ws
blank = has a blank in it
web-page = is a web page's: a feed's begins with wss://
scheme = begins with wss://, or with ws:// on this machine
credentials = holds a user's name or password: the token has a field of its own
no-host = names no host
not-encrypted = is not encrypted: write wss://, anybody on the way could read and change it
no-name = is missing
name-letters = is made of a to z, 0 to 9, _ and -, 64 at the most
