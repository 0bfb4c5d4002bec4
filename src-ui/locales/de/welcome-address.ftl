# Warum ein Text keine Adresse eines Feeds ist, oder kein Name eines Profils: beginnt ohne Subjekt.

missing = fehlt: sie sieht aus wie wss://feed.example/ws
blank = enthält ein Leerzeichen
web-page = führt zu einer Webseite: die eines Feeds beginnt mit wss://
scheme = beginnt mit wss://, auf diesem Rechner auch mit ws://
credentials = enthält Benutzername oder Passwort: das Zugangstoken hat ein eigenes Feld
no-host = nennt keinen Host
not-encrypted = ist unverschlüsselt: schreiben Sie wss://, unterwegs könnte jeder sie lesen und ändern
no-name = fehlt
name-letters = besteht aus a bis z, 0 bis 9, _ und -, höchstens 64
