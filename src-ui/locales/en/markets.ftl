# The page of each chain's prices and conditions.

none-yet = No market data yet
none-yet-why = Prices appear as soon as the feed sends them. Vaults are judged by the figures sent with them, so monitoring does not wait for prices.
received-so-far = What was received so far
loading = Loading the markets
last-known = last known,{ " " }
day = 24 h
volatility = Volatility
gas = Gas
block = Block
token = Token
change = Change in 24 h
price = Price $
bearish = Bearish
neutral = Neutral
bullish = Bullish
