# Encryption keys of the profile that is shown.

head = Encryption keys
head-note = of the profile that is shown, in the system's keychain
name = Name of another key
name-hint = the same as at its other holders
key = Key
key-hint = 32 bytes as base64; it is never shown again
add = Put on the ring
made-by = Another one is made, and handed on, by { $command }.
none = No key yet: what comes sealed cannot be opened. The first one that is put in seals, too, and has the profile use it.
not-used = They are not used: the settings' file has no [encryption] for this profile.
removed = { $key } is removed: what was sealed with it cannot be opened any more.
bring-back = Bring it back
seals-since = seals and opens; here since { $moment }
opens-since = opens; here since { $moment }
seal-with-it = Seal with it
remove = Remove
remove-key = Remove { $key }
