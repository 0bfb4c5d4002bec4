# The settings' file, edited while it is watched by.

broken = config.toml does not count: it has a mistake
broken-how = { $reason } { $counts }, and watching goes on. `vaultwatchctl config validate` tells all that is wrong.
counts-since-start = The last settings that could be read count
counts-in-part = That profile is not watched; the others are
counts-as-before = What was in force before stays so

changed = The settings were changed
wait = Changed settings wait for a restart
in-force = In force: { $what }.
later = From the next start of VaultWatch: { $what }.
rules = rules and policies
telling = how alerts are told
channels = who is called
retention = how long things are kept
begun = begun to watch { $names }
stopped = not watched any more: { $names }
restarted = connected anew: { $names }
