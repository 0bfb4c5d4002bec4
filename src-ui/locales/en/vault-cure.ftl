# What brings a vault to the room that somebody wants.

title = To get back to { $room } % left
label = Cure
enough = It has { $room } % left: nothing to pay.
nothing = Nothing to pay.
repay = Repay
or = or
add = Add collateral
then = then HF { $health }
then-price = then HF { $health }, liquidated at ${ $price }
target = Target
target-unit = % left
target-range = must be from 0 to 95
