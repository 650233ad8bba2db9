# Handing a case over, on its page. What ends without a full stop is followed by one, or by what was said with it.

transfer-asks = { $name } asks for this case
transfer-offers-you = { $name } offers this case to you
transfer-offers = { $name } offers this case to { $to }
transfer-does-not-take = { $name } does not take this case
transfer-offered = Offered to { $to }
transfer-to-anyone = whoever is next
transfer-to-leader = any leader
transfer-to-operator = any operator
transfer-waits = It waits for an answer, for { $span }. Until then the case is yours.
transfer-waits-here = It waits for an answer, and is not in the log yet. Until then the case is yours.
transfer-ended = Nobody has taken this case in time: it is yours alone.
transfer-offered-to-you = Offered to you

transfer-hand-over = Hand over
transfer-to-whom = To whom. The case stays yours until it is taken.
transfer-nobody-else = Nobody else is here now.
transfer-choose = Choose
transfer-any-operator = Any operator
transfer-any-leader = Any leader
transfer-anyone = Whoever is next
transfer-why = Why, in one line, if you like
transfer-why-colleagues = Why, in one line, if you like. Colleagues read it, the caller never.
transfer-offer-button = Offer this case
transfer-withdraw = Offer it no more
transfer-accept = Accept
transfer-refuse = Refuse
transfer-refuse-button = Refuse this case
transfer-ask = Ask { $name } for this case
transfer-ask-button = Ask
transfer-has-asked = You have asked { $name } for this case.

transfer-said-offered = The case is offered, and stays yours until it is taken.
transfer-said-withdrawn = It is offered no more.
transfer-said-accepted = The case is yours.
transfer-said-refused = The offer is refused.
transfer-said-asked = You have asked for this case.
transfer-refused-act = Nothing was done: { $error }.
