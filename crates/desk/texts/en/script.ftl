# What the script of the pages says by itself; `web/desk/src/texts.ts` reads it.

script-answered = The desk program answered { $status }.
script-locked = Locked

script-sending-unheard = Nothing was heard from the desk program. Your text is still here. Look whether it runs, then send again; an answer that was taken already is not taken twice.
script-sending-text-is-here = Your text is still here.
script-beside-unheard = Nothing was heard from the desk program. What you have written is still here. Look whether it runs, then try again; a note that was kept already is not kept twice.
script-beside-text-is-here = What you have written is still here.
script-keeping-unheard = What you wrote last is not kept: nothing was heard from the desk program. Your text is still in the box; look whether the program runs.
script-searching-unheard = Nothing was heard from the desk program. Look whether it runs, then search again.
script-away = The desk program does not answer. What you see may be old; what you are writing is kept on this page.
script-closed = The desk program was started anew and does not know this browser. Copy what you are writing, then open the new link that it printed.
script-gone = The desk program was started anew, and this page has another address now. Copy what you are writing, go to the board and open the call again.
script-loss = Esc twice in a row locks the desk and discards what you have written here.

script-too-long = None of that was put in: it is far longer than an answer can be. What stood here is unchanged.
script-piled = None of that was put in: it has more marks on one letter than any language. What stood here is unchanged.
script-room = { $bytes } of { $all } bytes, { $parts } of { $max } parts
script-room-over = { $bytes } of { $all } bytes, { $parts } of { $max } parts: too long. Send it as several answers.

script-arrival = { $messages ->
    [one] A new message.
   *[other] { $messages } new messages.
} Waiting: { $waiting }.
script-arrival-here = { $messages ->
    [one] A new message.
   *[other] { $messages } new messages.
} One is from this caller. Waiting: { $waiting }.

script-looks-kept = Kept.
script-looks-not-kept = Not kept. { $why }
script-looks-unheard = Not kept: nothing was heard from the desk program.
script-singles = After the slash: what a Ukrainian or Russian keyboard has on the same key. Single keys do nothing while you type.
script-singles-off = Single keys are switched off; below they are switched on.

script-key-next = Next: take the call whose turn it is
script-key-board = Board
script-key-mine = Mine: the cases that you have, and those that are offered to you
script-key-due = Due: follow-ups of all calls
script-key-handover = Handover: the end of a shift
script-key-people = Everybody: people of the desk
script-key-search = Search
script-key-down = Down: the next call of the list
script-key-up = Up: the call before it
script-key-reply = Reply: write an answer
script-key-template = Template: search one, Enter puts it into the answer
script-key-note = Note: write one for colleagues
script-key-follow-ups = Follow-ups of this call
script-key-checklist = Checklist: the first step that is open
script-key-transfer = Transfer: hand this call over to a colleague
script-key-flags = Flags: under duress, abusive, junk
script-key-second-reader = Second reader: to an answer that waits to be read over, or to asking for one
script-key-level = Urgency: choose a level, then Tab and Enter
script-key-take-back = Take back the newest answer that waits
script-key-close = Close this call, or reopen it
script-key-help = This help
script-key-arrows = Down and up, once a call of the list has the focus
script-key-open = Open the call that has the focus
script-key-preview = Preview the answer that you are writing
script-key-send = In the preview: send it; Esc goes back to the text
script-key-hole = In the answer: to the next place to fill in
script-key-keep-note = Keep the note that you are writing
script-key-leave = Leave the box in which you type, or this help
script-key-lock = Lock at once, from anywhere, also while you type
