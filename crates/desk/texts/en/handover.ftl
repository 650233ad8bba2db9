# The handover: what shifts have left, what whoever looks has, what waits, and the form that ends a shift.

handover-title = Handover
handover-no-sheets = No shift was ended in the last days.
handover-ended = { $name } ended their shift { $span } ago.
handover-ended-here = { $name } ended their shift (kept here, not in the log yet).
handover-left-none = They left no call.
handover-taken = Taken over by { $name }.
handover-not-taken-yet = Nobody has taken it over yet.
handover-take = I have taken over

handover-mine = What you have
handover-mine-none = You have no call.
handover-waits = waits { $span }
handover-closed = closed
handover-answered = answered

handover-waiting = What waits
handover-nobody = Nobody waits.
handover-calls = { $number ->
    [one] { $number } call
   *[other] { $number } calls
}
handover-longest = the longest { $span }
handover-due = { $number ->
    [one] { $number } follow-up is due by the end of the next shift
   *[other] { $number } follow-ups are due by the end of the next shift
}

handover-next = What is next, kept as a note of the call
handover-next-said = Next:

handover-end = End your shift
handover-end-what = Your calls become free, and stand on a sheet for whoever comes next. What was sent to callers leaves all the same.
handover-note = What whoever comes next has to know, in one line
handover-note-hint = All colleagues read it for a week. No names, no places.
handover-end-button = End my shift
handover-not-ended = Your shift is not ended: { $error }.
handover-not-taken = It is not taken over: { $error }.
handover-late = Nobody has these, and they have waited too long: tell a leader.
