# What would become of one vault at other prices, or after somebody paid.

title = What if
reset = Back to now
price-of = { $token } at

none = Nothing of the collateral would be left, or too little is known of it.

as-now = As it is now.
falls = It could be liquidated.
falls-cure = It could be liquidated. Repaying { $usd } would bring it back to 15 %.
stands = It would stand, with room enough.
stands-cure = It would stand. Repay { $repay } or add { $add } for 15 %.

no-number = is not a decimal number
negative = must not be negative
too-large = is larger than any amount of money
no-price = must be more than nothing
incomparable = cannot be compared with nothing
