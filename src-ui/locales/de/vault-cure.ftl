# Was einen Vault auf den gewünschten Abstand bringt.

title = Zurück auf { $room } % Abstand
label = Abhilfe
enough = Der Abstand ist { $room } %: nichts zu zahlen.
nothing = Nichts zu zahlen.
repay = Zurückzahlen
or = oder
add = Sicherheit aufstocken
then = danach HF { $health }
then-price = danach HF { $health }, Liquidation bei ${ $price }
target = Ziel
target-unit = % Abstand
target-range = muss zwischen 0 und 95 liegen
