# Was zu einer Änderung der Profile zu sagen ist, die jemand in den Einstellungen des Fensters gemacht hat.

until-end = { $name } wird überwacht, bis VaultWatch endet, das dafür gestartet wurde; danach ist es pausiert.
from-next-start = { $reason }: { $name } wird ab dem nächsten Start ohne diese Angabe überwacht.
not-watched = { $name } wird nicht überwacht: { $reason }
not-all-deleted = { $name } ist entfernt, aber nicht alles Aufbewahrte ließ sich löschen: { $reason }
