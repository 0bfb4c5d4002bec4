# How close to liquidation, in a word.

critical = Critical
high = High
medium = Medium
low = Low
unknown = Unknown
