# Warum ein Text keine Adresse eines Feeds ist, oder kein Name eines Profils: beginnt ohne Subjekt.

missing = fehlt; Beispiel: wss://feed.example/ws
blank = enthält ein Leerzeichen
web-page = führt zu einer Webseite; die eines Feeds beginnt mit wss://
scheme = muss mit wss:// beginnen, auf diesem Rechner auch mit ws://
credentials = enthält Benutzername oder Passwort; das Zugangstoken hat ein eigenes Feld
no-host = nennt keinen Host
not-encrypted = ist unverschlüsselt, unterwegs könnte jeder mitlesen und ändern; schreiben Sie wss://
no-name = fehlt
name-letters = darf nur aus a bis z, 0 bis 9, _ und - bestehen, höchstens 64 Zeichen
