# The board: who waits, for how long, on which track; then who has been answered.

board-title = Board
board-calls = Calls
board-at-the-desk = At the desk:
board-away = Away:
board-you = (you)
board-handover = Handover

board-your-turn = Your turn
board-is-offered = { $case } is offered to you.
board-take-it = Take it
board-not-this-one = Not this one
board-not-now = Not now
board-goes-on = It goes to the next who is ready where nobody takes it within some five minutes.
board-no-passes = You have sent on as many as one may before one takes a case.
board-passes = “Not this one” sends it on at once, and nobody is asked why: { $number } left before you take one.
board-you-are-next = **You are next.**
board-before-you = **You are ready.** Before you: { $names }.
board-heard-soon = The desk hears of it within a minute, and a call is offered to you then.
board-next-once-more = “Next” once more takes the most urgent call that nobody has at once; a colleague may have been faster.

board-filters = Narrow it
board-news = News since you last looked
board-news-named = news
board-clear = Show all (B)
board-nobody-so = Nobody waits
board-tracks = Tracks
board-all-tracks = All tracks
board-mine = Mine
board-mine-cases = { $number ->
    [one] { $number } case
   *[other] { $number } cases
}
board-mine-none = none
board-mine-offered = { $number } offered to you
board-track-waiting = **{ $waiting } waiting** of { $cases }
board-track-none-waiting = none waiting of { $cases }
board-track-no-calls = no calls
board-track-longest = longest { $span }

board-no-calls = No calls yet.
board-shows-new-ones = This page shows new ones by itself.
board-shows-new-calls = This page shows new calls by itself.
board-leave-open = Leave it open. The number of calls that wait stands in the title of this tab.
board-nobody = Nobody waits.
board-nobody-of-yours = Nobody waits whose case is yours.
board-nobody-on-track = Nobody waits on this track.
board-waiting = Waiting
board-waiting-yours = Waiting, yours
board-answered = Answered

board-pages-waiting = Pages of those who wait
board-pages-answered = Pages of those who were answered
board-list-anew = The desk program was started anew since that page was shown: the list begins at its top.
board-page = { $from } to { $to } of { $all }
board-to-top = To the top
board-previous-page = Previous page
board-next-page = Next page

board-messages = { $number ->
    [one] { $number } message
   *[other] { $number } messages
}
board-offered-by = offered by { $name }
board-offered-to = offered to { $name }
board-not-opened = not opened
board-some-not-opened = { $number } not opened
board-closed = closed: { $why }
board-may-be-forged = may be forged
board-incomplete = incomplete
board-never-left = an answer never left
board-not-posted = answer not posted yet
board-waits = waits **{ $span }**
board-wrote = wrote { $span } ago
board-to-read = an answer to read over
board-flood = A flood
board-flood-what = **{ $number } calls wait**, more than anybody can look at one by one. The most urgent stand below.
board-flood-level = { $number ->
    [one] { $number } call
   *[other] { $number } calls
}
board-flood-go = Go through those that nobody has opened
board-waiting-first = Waiting, the first of them
board-waiting-level = Waiting, level { $level }
board-waiting-aside = Waiting, flagged as junk
board-nobody-on-level = Nobody waits on this level.
board-nobody-aside = Nobody who waits is flagged as junk.
board-wrote-since = wrote since it was flagged as junk
board-last-step = { $number ->
    [one] **{ $number } call has waited for { $minutes } minutes, and nobody has it.** Take it, or tell a leader.
   *[other] **{ $number } calls have waited for { $minutes } minutes, and nobody has them.** Take them, or tell a leader.
}
