# Welche Tokens sich bewegen, und um wie viel.

label = Der Kursschock
title = Wenn sich Preise bewegen
title-note = Tokens und die Vaults, die sie halten
none = Wählen Sie ein Token, dessen Preis sich bewegt.
leave-one = { $token } unverändert lassen
leave = Unverändert lassen
families = Verwandte Tokens ziehen mit
families-note = wstETH mit WETH, DAI mit USDC
size = { $vaults ->
    [one] { $vaults } Vault hält davon { $held }; { $owed } sind geschuldet
   *[other] { $vaults } Vaults halten davon { $held }; { $owed } sind geschuldet
}
