# Search: one box, and the cases with the line that met.

search-title = Search
search-hint-words = all these words, in their forms
search-hint-exact = exactly these words
search-hint-call-sign = a call sign, in any of its languages; its first letters do
search-hint-filters = filters, among the words; also track:none, since:12h. With due, a follow-up is set for today or before
search-what = What callers and the desk wrote is searched, notes among colleagues, and what callers said of safe times; texts of follow-ups are not. Searching opens nothing and tells nobody. The last search stands here until the desk is locked, and is on no disk.

search-more = The first { $number } cases; there may be more. Add a word or a filter.
search-nothing = Nothing here meets this. All of it must meet in one case.
search-found = { $number ->
    [one] { $number } case
   *[other] { $number } cases
}
search-unsearched = { $number ->
    [one] The search is still being prepared: { $number } case is not found by words yet. Search again in some seconds.
   *[other] The search is still being prepared: { $number } cases are not found by words yet. Search again in some seconds.
}
search-waits = waits
search-closed = closed
search-answered = answered
search-new = new
search-unopened = It stands in a message that nobody has opened.
search-unopened-more = Other words stand in a message that nobody has opened.

search-caller = Caller
search-safe-times = Safe to look
search-desk = Desk
search-note = Note, colleagues only
