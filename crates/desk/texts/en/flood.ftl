# Many calls at once: those that nobody has opened, by when they came, and what was said of many.

flood-title = Many calls at once
flood-what = For a flood: calls to which nobody has turned are chosen here by when they came, never by what they say. No program reads or scores them.
flood-not-done = Nothing was done: { $error }.
flood-said = Done. Your colleagues see it within a minute. **Undo** stands below.
flood-undone = It is taken back.
flood-through = Nobody is left of that span: all of it was gone through.

flood-unopened = Not opened, by when they came
flood-none = There is no call to which nobody has turned.
flood-calls = { $number ->
    [one] { $number } call
   *[other] { $number } calls
}
flood-span = { $from } to { $to }
flood-ago = { $span } ago
flood-spread = { $number ->
    [one] { $number } caller wrote at several times: a longer span has them.
   *[other] { $number } callers wrote at several times: a longer span has them.
}
flood-not-in-log = { $number ->
    [one] { $number } more is on its way into the desk’s log, and can be chosen here once it is there.
   *[other] { $number } more are on their way into the desk’s log, and can be chosen here once they are there.
}
flood-longer = A longer span, of a day at most:
flood-from = From
flood-to = To
flood-show = Show these

flood-siftings = What was done to many at once
flood-no-aside = No call is flagged as junk.
flood-aside = { $number ->
    [one] { $number } call is flagged as junk
   *[other] { $number } calls are flagged as junk
}
flood-news = { $number ->
    [one] { $number } of them has written since
   *[other] { $number } of them have written since
}
flood-said-junk = { $name } flagged { $number ->
    [one] { $number } call
   *[other] { $number } calls
} as junk until the end of { $day }.
flood-said-level = { $name } gave { $number ->
    [one] { $number } call
   *[other] { $number } calls
} level { $level }.
flood-waits = (kept here, not in the log yet)
flood-void = { $number ->
    [one] Not so for { $number }, to which a colleague had turned, or whose caller had written again
   *[other] Not so for { $number }, to which a colleague had turned, or whose callers had written again
}
flood-stands-not = Nothing of it stands any more.
flood-undo-junk = { $number ->
    [one] Undo: lift this flag
   *[other] Undo: lift these { $number } flags
}
flood-undo-level = { $number ->
    [one] Undo: take this level back
   *[other] Undo: take these { $number } levels back
}

flood-chosen = { $number ->
    [one] { $number } call that nobody has opened
   *[other] { $number } calls that nobody has opened
}
flood-chosen-what = Nobody has them, and nobody has flagged or raised one of them.
flood-chosen-none = Nobody is left of this span: a colleague was there, or they have written again since.
flood-one-by-one = One by one
flood-one-by-one-what = Opens the first one, as from the board: its caller is told that a person has opened it. Then the next.
flood-open-first = Open the first
flood-many = Many at once
flood-which = Which; take out whom you do not mean
flood-which-first = Which: the first { $number } of { $all }, the others afterwards; take out whom you do not mean
flood-as = What becomes of them
flood-as-junk = Junk: they stand behind all others that wait, and can still be read
flood-days = The flag lasts so many days:
flood-as-level = Level { $level }
flood-preview = Preview
flood-no-role = Only operators and leaders do something to many calls at once.
flood-back = All spans

flood-preview-junk = { $number ->
    [one] { $number } call becomes junk until the end of { $day }
   *[other] { $number } calls become junk until the end of { $day }
}
flood-preview-level = { $number ->
    [one] { $number } call gets level { $level }
   *[other] { $number } calls get level { $level }
}
flood-follows-junk = They stand behind all others that wait. They stay readable, nothing is erased, and who writes again shows first among them.
flood-follows-level = A level that a person gives one of them by itself counts before this one.
flood-follows = Where a colleague turns to one of them first, nothing is said of that one. It can be undone in one step.
flood-do-junk = { $number ->
    [one] Flag this call as junk
   *[other] Flag these { $number } calls as junk
}
flood-do-level = { $number ->
    [one] Give this call the level
   *[other] Give these { $number } calls the level
}
flood-not = Not like this

flood-bar = You go through calls of one span, one by one.
flood-junk-next = Junk, and the next
flood-leave-next = Leave it, and the next
flood-bar-back = Back to the span
