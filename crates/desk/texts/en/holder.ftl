# Who has the case, and how urgent it is.

holder-only-read = Your roles let you read this case, and change nothing in it: a custodian sets roles.
holder-trainee-free = You are a trainee: you can look at this case. You write in it once a colleague has it.
holder-trainee = You are a trainee: { $name } has this case. A colleague reads your answer before it leaves.
holder-you = (you)
holder-take = Take this case
holder-take-over = Take it over
holder-let-go = Let the case go
holder-offered-to = offered to { $name }
holder-live = { $name } has this case. What you send is held until they let it leave.
holder-lapsed = { $name } has this case and has done nothing in it for a long time. You may take it over.
holder-absent = { $name } has this case, and nothing comes from their device: perhaps only their line is down. You may take it over.
holder-reason = Why, in one line. It stays in the desk's log.

holder-level-at-once = at once
holder-level-soon = soon
holder-level-usual = usual
holder-level-can-wait = can wait
