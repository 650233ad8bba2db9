# A conversation as it is read: who wrote what, what has not arrived, what has left.

conversation-caller = Caller
conversation-desk = Desk
conversation-ago = { $span } ago
conversation-may-be-forged = **May be forged.** It is proven with a key that a removed device knew: make sure who is writing.
conversation-part-missing = part { $number } of { $all } has not arrived
conversation-part-not-in-log = part { $number } of { $all } is not in the desk's log yet

conversation-new = { $number ->
    [one] **A new message** from the caller, not opened yet.
   *[other] **{ $number } new messages** from the caller, not opened yet.
}
conversation-opening-tells = Opening tells the caller that a person has opened it.
conversation-open = { $number ->
    [one] Open it
   *[other] Open them
}

conversation-held = Held: { $name } has this case. It leaves once they let it leave.
conversation-held-decide = Held: a colleague had this case when it was sent. Let it leave, or take it back.
conversation-held-by-others = Held: a colleague had this case when it was sent. It leaves once its author, or whoever takes the case, lets it leave.
conversation-overtaken-decide = Held: the caller wrote again before this answer came into the desk's log, and its author had not read that. Read it; then let the answer leave as it is, or change it.
conversation-overtaken-by-others = Held: the caller wrote again before this answer came into the desk's log, and its author had not read that. It leaves once its author, or whoever has the case, lets it leave.
conversation-change-it = Take it back, to change it
conversation-taken-back = Taken back: nothing of it was posted
conversation-posted = posted
conversation-never-left = never left: the caller's mailbox has lapsed
conversation-queued = waits for its turn in the cadence
conversation-some-posted = { $all ->
    [one] ({ $number } of { $all } part posted)
   *[other] ({ $number } of { $all } parts posted)
}
conversation-kept-here = **kept on this computer:** it reaches the desk's log, and leaves, once what stands at the top of this page is over
conversation-stays-here = **kept on this computer, and does not leave:** this device does nothing for the desk now
conversation-let-it-leave = Let it leave
conversation-take-it-back = Take it back
