# Pages for what was not done.

refusal-address-title = Another address
refusal-address = This desk answers only at the address that it printed.
refusal-not-from-here-title = Not from here
refusal-not-from-here = This did not come from the desk's own pages, so nothing was done.
refusal-not-possible-title = Not possible here
refusal-not-possible = Nothing can be sent to this address.
refusal-too-long-title = Too long
refusal-too-long = Nothing was sent: the text is far longer than any answer can be. Go back, and send it as several answers.
refusal-not-found-title = Not found
refusal-not-found = There is nothing at this address. Addresses of cases change each time the desk program starts.
refusal-not-understood-title = Not understood
refusal-not-understood = The desk does not understand this address or form, so nothing was done.
refusal-failed-title = Failed
refusal-failed = The desk program failed at this. Look at the board what became of it, then try again; an answer that was taken is not taken twice.
