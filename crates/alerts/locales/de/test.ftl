# Der Alarm, um den jemand bittet.

title = Test: So sieht ein kritischer Alarm aus
message = Wenn Sie ihn gesehen und gehört haben, werden Sie geweckt. Quittieren Sie ihn oder warten Sie eine Minute.
over = Test: beendet
over-message = Haben Sie ihn gesehen und gehört? Wenn nicht, sehen Sie in den Einstellungen nach.
