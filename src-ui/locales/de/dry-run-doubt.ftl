# Für alle, die einen Alarm für einen Fehlalarm halten.

head = Lag die Regel falsch?
# Der Titel des Alarms ist kein Text.
kept = Ihr Urteil ist festgehalten und { $alert } quittiert. Verschlimmert es sich, wird es erneut gemeldet.
reading = Die Regeln werden gelesen …
# Der Name der Regel ist kein Text.
by-your-rule = Ausgelöst wurde der Alarm von Ihrer Regel { $rule }.
by-ladder = Ausgelöst wurde der Alarm von den eingebauten Stufen, nach denen jeder Vault überwacht wird. Wie lange eine Stufe bestehen muss, lässt sich in einer Richtlinie festlegen.
by-none = Keine Ihrer Regeln hat ihn ausgelöst; es gibt also nichts zu ändern.
leave = So belassen
change = Diese Regel ändern
to-rules = Regeln und Richtlinien
