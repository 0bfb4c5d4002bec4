# Schlüssel zum Verschlüsseln, des angezeigten Profils.

head = Schlüssel
head-note = des angezeigten Profils, im Schlüsselbund des Systems
name = Name eines weiteren Schlüssels
name-hint = derselbe wie bei den anderen Inhabern
key = Schlüssel
key-hint = 32 Byte als Base64; er wird nie wieder gezeigt
add = Hinzufügen
made-by = Einen weiteren erzeugt und übergibt { $command }.
none = Noch kein Schlüssel: Verschlüsseltes lässt sich nicht entschlüsseln. Der erste, der hinzukommt, verschlüsselt auch, und das Profil verwendet ihn.
not-used = Sie werden nicht verwendet: Die Einstellungsdatei hat für dieses Profil kein [encryption].
removed = { $key } ist entfernt: Was damit verschlüsselt wurde, lässt sich nicht mehr entschlüsseln.
bring-back = Zurückholen
seals-since = ver- und entschlüsselt; hier seit { $moment }
opens-since = entschlüsselt; hier seit { $moment }
seal-with-it = Damit verschlüsseln
remove = Entfernen
remove-key = { $key } entfernen
