# The page of a case, but for its parts.

case-title = Call
case-conversation = Conversation
case-track = Track
case-language = Language
case-waits = Waits
case-closed = no, closed
case-answered = no, answered
case-sender = Sender
case-sender-not-proven = not proven for every message: see below
case-safe-times = Safe to look, in the caller's words

case-not-opened = The caller is not told that this was opened: { $error }.
case-not-kept-label = Not kept
case-not-kept = { $number ->
    [one] **What you open is not kept: the new message below is shown, and that you opened it could not be written down.** The caller is not told, and the desk still counts it as not opened. Nothing that you write can be kept or sent until this is mended.
   *[other] **What you open is not kept: the new messages below are shown, and that you opened it could not be written down.** The caller is not told, and the desk still counts them as not opened. Nothing that you write can be kept or sent until this is mended.
}
case-reason = The reason: { $why }.
case-mended = It is mended: open again

case-follow-ups = Follow-ups
case-due = due
case-set-follow-up = Set a follow-up
case-change-follow-ups = Change follow-ups
