# Why a rule applies to a vault, or does not. `vaultwatchctl` prints it, too, and scripts read that.

for = for { $scope }
not-enabled = not enabled for { $scope }
by-policy = switched off by the policy for { $scope }
nearest = , the nearest of { $count } variants
outside = for { $scope } ({ $why })
no-vaults = is about markets or the platform

# What leaves a vault out.
other-chain = the vault is on another chain, or on none that is known
no-token = no such collateral
no-label = the vault has no such label
another-vault = another vault

# What a rule or a policy is for; of each kind there may be several, with a word in between.
everything = everything
profile = profile { $name }
profiles = profiles { $names }
chain = chain { $name }
chains = chains { $names }
token = token { $name }
tokens = tokens { $names }
label = label { $name }
labels = labels { $names }
vault = vault { $name }
vaults = vaults { $names }
