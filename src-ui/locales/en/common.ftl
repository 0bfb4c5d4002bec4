# What is said in more than one place.

vaults = { $count ->
    [one] { $count } vault
   *[other] { $count } vaults
}
