# Die Seite der Regeln, und was ihre Formulare gemeinsam haben.

head = Regeln
note = Der Abstand jedes Vaults zur Liquidation wird ohnehin überwacht. Regeln melden, was Sie darüber hinaus wissen wollen.
new = Neue Regel
none-yet = Noch keine Regeln.
locked = Hier lässt sich nichts ändern.{ " " }
locked-why = { $path } muss zuerst korrigiert werden: { $fault }
# Der Pfad ist kein Text.
file = Sie stehen in { $path } und lassen sich auch dort bearbeiten; Kommentare bleiben erhalten.
is-on = { $rule } ist eingeschaltet
more = Mehr
edit = Bearbeiten
duplicate = Duplizieren
delete = Löschen
delete-note = beendet ihre Alarme; lässt sich rückgängig machen
save = Speichern
cancel = Abbrechen
name = Name
name-hint = a-z, 0-9, _, - und .

# Eine Stufe im Satz.
medium = mittel
high = hoch
critical = kritisch

# Was getan wurde, wo es sich rückgängig machen lässt.
added = Regel { $rule } hinzugefügt
changed = Regel { $rule } geändert
deleted = Regel { $rule } gelöscht
switched-on = { $rule } eingeschaltet
switched-off = { $rule } ausgeschaltet

# Warum etwas nicht getan wurde. Was falsch ist, steht hinter der Stelle.
outdated = Die Datei wurde inzwischen anderswo geändert; hier steht der neue Stand. Nichts wurde gespeichert.
changed-meanwhile = Das wurde inzwischen anderswo geändert oder gelöscht, darum wurde nichts gespeichert. Was Sie eingegeben haben, bleibt hier; verlassen Sie das Formular, um zu sehen, was nun in der Datei steht.
at-rule = Regel { $number }
at-policy = Richtlinie { $number }
at-labels = Etiketten
