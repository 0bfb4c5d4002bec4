# Ein Kursschock, und was er mit allen Vaults machte.

failed = Das lässt sich jetzt nicht sagen
failed-note = Die Überwachung ist nicht betroffen. Alle paar Sekunden wird erneut gefragt.
nothing = Noch kein Kursschock möglich
nothing-why = Sobald Vaults mit bekannten Tokens eintreffen, lässt sich hier ein Kursschock ausprobieren.
waiting = Alle Vaults werden betrachtet

outcome = Ergebnis
fall = Liquidierbar
fall-of = von { $count ->
    [one] { $count } Vault
   *[other] { $count } Vaults
}
debt = Deren Schulden
repay = Zurückzahlen
repay-note = auf 15 % Abstand
add = Oder aufstocken
add-note = zu Schockpreisen
stand = Nur kritisch
stand-high = { $count } hoch
left-out = Nicht beurteilt: { $which }.
stale = { $count } veraltet
unknown = { $count } mit zu wenig Angaben
