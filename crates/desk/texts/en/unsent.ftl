# The page for a text that did not reach its case.

unsent-locked-title = Locked: not taken
unsent-stranger-title = Not taken: this browser has not been let in
unsent-gone-title = Not taken: there is no such case at this address
unsent-failed-title = The desk program failed
unsent-locked-answer = This form was not taken: the desk is locked. Unlock it in another tab, then send again from here: what was taken from it before is not taken twice.
unsent-locked-follow-up = This form was not taken: the desk is locked. Unlock it in another tab. If you have sent it before, look there first whether the follow-up is set; if not, send again from here.
unsent-locked-note = This note was not kept: the desk is locked. Unlock it in another tab, then send again from here: what was kept from it before is not kept twice.
unsent-stranger-note = This note was not kept: the desk program was started anew and does not know this browser. What you sent before that may have been kept: copy what you have written, open the new link that the program printed, and look at the notes of the call before you keep it again.
unsent-gone-note = This note was not kept: the case was erased, or the desk program was started anew and it has another address now. Copy what you have written, look for the call on the board, and look at its notes before you keep it again.
unsent-failed-note = It is not known whether this note was kept. Send it again: what was kept is not kept twice.
unsent-stranger-answer = This form was not taken: the desk program was started anew and does not know this browser. What you sent before that may have been taken, and is posted then: copy what you have written, open the new link that the program printed, and look at the conversation before you send anything again.
unsent-stranger-follow-up = This form was not taken: the desk program was started anew and does not know this browser. What you sent before that may have been taken: copy what you have written, open the new link that the program printed, and look at the follow-ups of the call before you set it again.
unsent-gone-answer = This form was not taken: the case was erased, or the desk program was started anew and it has another address now. Of this form no answer is known here. Copy what you have written, look for the call on the board, and read the conversation before you send anything again.
unsent-gone-follow-up = This form was not taken: the case was erased, or the desk program was started anew and it has another address now. What you sent before that may have been taken: copy what you have written, look for the call on the board, and look at its follow-ups before you set it again.
unsent-failed-answer = It is not known whether this was taken. Send it again: what was taken is not taken twice.
unsent-failed-follow-up = It is not known whether this was taken. Look at the follow-ups of the call first; where it is not among them, send it again.
unsent-taken-title = Taken already
unsent-taken = **Do not send this again.** An answer was taken from this form before the desk program was started anew. It stands in the conversation with { $name }, once.
unsent-to-conversation = To the conversation with { $name }
unsent-unlock = Unlock in another tab
unsent-send-again = Send again
