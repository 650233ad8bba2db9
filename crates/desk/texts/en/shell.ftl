# The frame of all pages, and what several pages say.

shell-title = { $page } · Callsign desk
shell-language = Language
shell-skip = Skip to the page
shell-no-scripts = **Scripts are off in this browser.** Keys do nothing, Esc does not lock, and new calls show only when you reload the page.

shell-nav = Desk
shell-board = Board
shell-search = Search
shell-due = Due
shell-due-what = follow-ups
shell-people = People
shell-help = Help
shell-lock = Lock
shell-lock-keys = (Esc twice)

shell-next = Next
shell-next-look = most urgent
shell-next-offered = a call for you
shell-next-you = you are next
shell-next-before = { $number } before you
shell-next-most-urgent = the most urgent
shell-next-ready = say that you are ready
shell-nobody-else = Nobody else waits

shell-back-to-board = Back to the board
shell-what-you-wrote = What you have written
shell-failed = Failed
shell-cannot-be-shown = This page cannot be shown: { $error }.
shell-not-found = Not found
shell-nothing-here = There is nothing at this address
shell-addresses-change = Addresses of cases change each time the desk program starts.

shell-closed = Closed
shell-not-let-in = This browser has not been let in
shell-one-time-link = The desk opens from its one-time link. Each link lets one browser in, once, and this browser has no valid one.
shell-new-link = For a new link, stop the desk program and start it again: `callsign desk serve` prints one at each start. No call and no answer that was sent is lost by that.
shell-continue = I have just opened the link: continue
shell-practice = **A desk to practise at.** All callers here are invented: nobody waits in earnest.
shell-practice-title = Practice · { $page }
