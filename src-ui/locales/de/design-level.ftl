# Wie nah an der Liquidation, in einem Wort.

critical = Kritisch
high = Hoch
medium = Mittel
low = Niedrig
unknown = Unklar
