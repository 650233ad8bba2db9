# Closing a case and reopening it.

closing-title = Close
closing-why = Why
closing-choose = Choose
closing-answered = Answered
closing-referred = Referred to somebody else
closing-no-more-needed = Nothing more needed
closing-junk = Junk
closing-button = Close this case
closing-what = Closing lets the case go. Follow-ups stay, and answers that wait are still sent.
closing-unopened = A message is there that nobody has opened. Open it first.
closing-of-colleague = { $name } has this case, and closes it.
closing-closed-by = **Closed: { $why }**, by { $name } { $span } ago.
closing-closed-here = **Closed: { $why }**, by { $name } (kept here, not in the log yet).
closing-waits-no-longer = It waits no longer. A new message reopens it by itself.
closing-reopen = Reopen
closing-closed = The case is closed.
closing-open-again = The case is open again.
closing-not-closed = It is not closed: { $error }.
closing-not-reopened = It is not reopened: { $error }.
