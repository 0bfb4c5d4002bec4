# A shock to prices, and what it would do to all vaults.

failed = This cannot be told now
failed-note = Monitoring is not affected. It is asked again every few seconds.
nothing = Nothing to be shocked yet
nothing-why = As soon as vaults come whose tokens are known, a shock to their prices can be tried here.
waiting = Looking at all vaults

outcome = Outcome
fall = Fall
fall-of = of { $count ->
    [one] { $count } vault
   *[other] { $count } vaults
}
debt = Their debt
repay = Repay
repay-note = to 15 % left
add = Or add
add-note = at the shocked prices
stand = Stand, but critical
stand-high = { $count } high
left-out = Not judged: { $which }.
stale = { $count } stale
unknown = { $count } with too little known
