# Richtlinien: wen sie betreffen.

head = Richtlinien
note = Wann Alarme gemeldet werden, wie oft erneut und bis wann: für alles oder für eine Chain, ein Token, ein Etikett oder einen Vault. Für jede Einstellung gilt die nächstliegende Richtlinie; was keine regelt, gilt wie in den Einstellungen.
new = Neue Richtlinie
change = Richtlinie ändern
delete = Richtlinie für { $subject } löschen
deleted = Richtlinie für { $subject } gelöscht
saved = Richtlinie für { $subject } gespeichert

everything = alles
of-chain = Chain { $name }
of-token = Token { $name }
of-label = Etikett { $name }
of-vault = Vault { $name }
of-profile = Profil { $name }

for-whom = Für
a-chain = eine Chain
a-token = ein Sicherheiten-Token
a-label = ein Etikett
a-vault = einen Vault
a-profile = ein Profil
which = Bezeichnung
no-chain = ist keine Nummer einer Chain wie 8453
is-empty = ist leer
