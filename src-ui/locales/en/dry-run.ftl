# A rule played over the stored history.

range = Over the last
a-day = 24 hours
a-week = 7 days
a-month = 30 days
play = Dry run
playing = Playing…
before = Plays the rule over what was recorded, before it is saved.
under-way = Playing the rule over the history…
changed-since = The rule has been changed since.
no-sense = The rule makes no sense yet: { $fault }.

# What would have been.
no-values = There is nothing to play it over: of that time no value is kept.
never = It would not have fired in { $span }.
fired = It would have fired { $times ->
    [one] once
   *[other] { $times } times
} in { $span }.
fired-and-worse = It would have fired { $times ->
    [one] once
   *[other] { $times } times
} in { $span } and become worse { $worse ->
    [one] once
   *[other] { $worse } times
}.
it-is-open = { " " }It is not over.
some-are-open = { $count ->
    [one] { " " }One of them is not over.
   *[other] { " " }{ $count } of them are not over.
}
minutes = { $count ->
    [one] { $count } minute
   *[other] { $count } minutes
}
hours = { $count ->
    [one] { $count } hour
   *[other] { $count } hours
}
days = { $count ->
    [one] { $count } day
   *[other] { $count } days
}

# When it would have been.
moments = { $count ->
    [one] { $count } moment
   *[other] { $count } moments
}
raised = raised
worse = worse
over = over
now = now
more-lanes = and { $count } more
not-listed = Later ones are not listed.
chain = Chain { $chain }
platform = Platform
