# Was an mehr als einer Stelle gesagt wird. Die Stufen stehen im Satz; am Anfang eines Satzes schreibt sie der Code groß.

low = niedrig
medium = mittel
high = hoch
critical = kritisch

# Wie lange. Tage als Zeichen: hinter „seit“ und „in“ stünden sie in einem anderen Fall als vor „lang“.
seconds = { $count } s
minutes = { $count } min
hours = { $count } h
days = { $count } T
unknown-time = --:--

lasted = { $span } lang { $level }
nothing-to-do = Nichts zu tun.
open-triage = Übersicht öffnen.
worst = Am schlimmsten: { $worst }.
liquidated = { $name } liquidiert
platform = Plattform
vaults = { $count ->
    [one] { $count } Vault
   *[other] { $count } Vaults
}

# Wohin ein Klick darauf führt.
view-vault = Vault ansehen
view-connection = Verbindung ansehen
view-settings = Einstellungen
view-alerts = Alarme ansehen
