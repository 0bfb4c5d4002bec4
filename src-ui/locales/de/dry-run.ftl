# Eine Regel über den gespeicherten Verlauf gespielt.

range = Zeitraum
a-day = 24 Stunden
a-week = 7 Tage
a-month = 30 Tage
play = Probelauf
playing = Läuft …
before = Erprobt die Regel vor dem Speichern an den aufgezeichneten Werten.
under-way = Die Regel wird am Verlauf erprobt …
changed-since = Die Regel wurde seitdem geändert.
no-sense = Die Regel ergibt noch keinen Sinn: { $fault }.

# Was gewesen wäre. Spannen stehen hinter „in“.
no-values = Ein Probelauf ist nicht möglich: Aus dieser Zeit ist kein Wert gespeichert.
never = Die Regel hätte in { $span } nicht ausgelöst.
fired = Die Regel hätte in { $span } { $times ->
    [one] einmal
   *[other] { $times }-mal
} ausgelöst.
fired-and-worse = Die Regel hätte in { $span } { $times ->
    [one] einmal
   *[other] { $times }-mal
} ausgelöst, und { $worse ->
    [one] einmal
   *[other] { $worse }-mal
} wäre es schlimmer geworden.
it-is-open = { " " }Der Alarm bestünde noch.
some-are-open = { $count ->
    [one] { " " }Einer davon bestünde noch.
   *[other] { " " }{ $count } davon bestünden noch.
}
minutes = { $count ->
    [one] { $count } Minute
   *[other] { $count } Minuten
}
hours = { $count ->
    [one] { $count } Stunde
   *[other] { $count } Stunden
}
days = { $count ->
    [one] { $count } Tag
   *[other] { $count } Tagen
}

# Wann es gewesen wäre.
moments = { $count ->
    [one] { $count } Zeitpunkt
   *[other] { $count } Zeitpunkte
}
raised = ausgelöst
worse = schlimmer
over = erledigt
now = jetzt
more-lanes = und { $count } weitere
not-listed = Spätere sind nicht aufgeführt.
chain = Chain { $chain }
platform = Plattform
