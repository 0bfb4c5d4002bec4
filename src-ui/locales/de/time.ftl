# Alter, Zeitpunkte, und wie lange etwas dauert.

seconds = { $count } s
minutes = { $count } min
hours = { $count } h
days = { $count } T
now = jetzt
in-seconds = in { $count } s
in-minutes = in { $count } min
# Alle zwölf, mit je einem Leerzeichen dazwischen.
months = Jan. Feb. März Apr. Mai Juni Juli Aug. Sep. Okt. Nov. Dez.
day = { $day }. { $month }
