# Worauf ein Alarm beruht. Zahlen und ihre Namen kommen aus dem Kern.

rule = Regel
value = Wert
liquidation-price = Liquidationspreis
cure = Abhilfe
values = Werte
last-known = zuletzt bekannt; neuere treffen nicht ein
raised = Ausgelöst
changed = Geändert
notification = Systembenachrichtigung
on-its-way = unterwegs
shown = gezeigt: { $moment }
not-shown = nicht gezeigt: { $cause }. Wird erneut versucht.
raised-by = Ausgelöst durch
message = Die auslösende Nachricht
cut = Die ersten { $kept } von { $all } Bytes.
