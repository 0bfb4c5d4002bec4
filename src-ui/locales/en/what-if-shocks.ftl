# Which tokens move, and by how much.

label = The shock
title = If prices moved
title-note = tokens, and the vaults that hold them
none = Choose a token whose price moves.
leave-one = Leave { $token } as it is
leave = Leave it as it is
families = Their families move along
families-note = wstETH with WETH, DAI with USDC
size = { $vaults ->
    [one] { $vaults } vault holds { $held } of it; { $owed } are owed
   *[other] { $vaults } vaults hold { $held } of it; { $owed } are owed
}
