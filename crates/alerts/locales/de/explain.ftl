# Warum eine Regel einen Vault betrifft, oder nicht.

for = für { $scope }
not-enabled = nicht eingeschaltet für { $scope }
by-policy = ausgeschaltet durch die Richtlinie für { $scope }
nearest = , die nächstliegende von { $count } Varianten
outside = für { $scope } ({ $why })
no-vaults = betrifft Märkte oder die Plattform

# Was einen Vault ausnimmt.
other-chain = der Vault liegt auf einer anderen Chain, oder auf keiner bekannten
no-token = diese Sicherheit hat er nicht
no-label = dieses Etikett hat er nicht
another-vault = ein anderer Vault

# Wofür eine Regel oder Richtlinie gilt; von jeder Art können es mehrere sein, mit einem Wort dazwischen.
everything = alles
profile = Profil { $name }
profiles = Profile { $names }
chain = Chain { $name }
chains = Chains { $names }
token = Token { $name }
tokens = Token { $names }
label = Etikett { $name }
labels = Etiketten { $names }
vault = Vault { $name }
vaults = Vaults { $names }
