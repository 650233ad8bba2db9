# What the page of a case says of what was just done there.

said-anothers-answer = Nothing was done: a colleague wrote that answer and nobody has the case. Take the case, and let the answer leave then.
said-away = The answer is kept and leaves by itself once the hub answers: it does not now.
said-clock = The answer is kept and could not leave: the hub has another date than this computer. Set this computer's clock; where it is right, have the hub's set. It leaves by itself then.
said-free = Nobody has this case now: any colleague may take it.
said-held = The answer is kept and held: a colleague has this case. It leaves once they let it leave, or once nobody is at work on the case and you do.
said-kept = The answer is kept and leaves by itself. Not all of it could leave right now: today's places for this caller are used up.
said-known = This answer was taken already: it is above, once.
said-level = The level is set. The others see it within a minute.
said-let-go = The answer leaves with its turn.
said-nobody = Nothing was done: the desk does not know yet whose device this is. A custodian says so by admitting it; try again in a while.
said-nobody-has-it = Nobody had this case, so there was nothing to let go.
said-nothing-held = Nothing was done: no answer is held here any more. A colleague may have let it leave, or taken it back.
said-nothing-to-take-back = Nothing was taken back: the answer was taken back already, was posted, is on its way, or is not yours. What became of it stands below it.
said-outside = The answer is kept on this computer and does not leave: this device does nothing for the desk now, and why stands at the top of this page. Unless that is mended, this caller has to be answered from a device that works.
said-posted = Posted. The caller finds it at their next visit.
said-queued = Queued. It leaves with the cadence; you need not wait here.
said-reason = The case was not taken: say in one line why you take it from a colleague.
said-role = Nothing was done: your roles at this desk do not allow it. A custodian changes them.
said-stopped = The answer is kept and could not leave now: what is in the way stands at the top of this page, within a minute. It leaves by itself once that is mended.
said-taken = You have taken this case. The others see that within a minute; where somebody was faster, their name stands above by then.
said-taken-faster = You do not have this case: somebody was faster.
said-taken-back = The answer is taken back: nothing of it was posted. It stays in the conversation, for colleagues.
said-taken-by-another = Nothing was done: a colleague has this case.
