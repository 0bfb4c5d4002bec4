# Eine Regel in einer Zeile: `Preis von WETH, Änderung in % binnen 30m unter -10 % (kritisch)`, und wen sie betrifft.

of-token = { $metric } von { $token }
of-status = Status { $field }
change-percent = { $quantity }, Änderung in % binnen { $time }
change-absolute = { $quantity }, Änderung binnen { $time }
below = unter { $levels }
above = über { $levels }
is = ist { $words } ({ $level })
# Zwischen Wörtern, von denen eines genügt.
or = { " oder " }
chains = Chain { $all }
tokens = Sicherheit { $all }
labels = Etikett { $all }
vaults = Vault { $all }
profiles = Profil { $all }
at-hours = zu bestimmten Zeiten
