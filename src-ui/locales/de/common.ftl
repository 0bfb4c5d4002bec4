# Was an mehr als einer Stelle gesagt wird.

vaults = { $count ->
    [one] { $count } Vault
   *[other] { $count } Vaults
}
