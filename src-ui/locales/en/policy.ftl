# Policies: whom they are about.

head = Policies
note = When alerts are told, how often again and until when, for everything or for a chain, a token, a label or a vault. The nearest policy wins, setting by setting. What none says is as in the settings.
new = New policy
change = Change a policy
delete = Delete the policy for { $subject }
deleted = Deleted the policy for { $subject }
saved = Saved the policy for { $subject }

everything = everything
of-chain = chain { $name }
of-token = token { $name }
of-label = label { $name }
of-vault = vault { $name }
of-profile = profile { $name }

for-whom = For
a-chain = a chain
a-token = a collateral token
a-label = a label
a-vault = a vault
a-profile = a profile
which = Which
no-chain = is no number of a chain, such as 8453
is-empty = is empty
