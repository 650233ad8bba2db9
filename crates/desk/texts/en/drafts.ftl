# The draft of an answer, below its box.

drafts-kept = Kept on this device as a draft, sealed: what stood in the box at { $time }.
drafts-give = Give it to colleagues
drafts-give-all-the-same = Give it all the same
drafts-given = It stands beside the conversation now, as a note for colleagues. Nothing was sent, and your draft stays here.
drafts-not-given = It is not given: { $error }.
drafts-discard = Discard it
drafts-before = What stood here before, kept until { $time }
drafts-discarded = Discarded; it can be taken back, kept until { $time }
drafts-other-page = What another page of this case had written, kept until { $time }
drafts-not-taken = Your answer, which the desk's log did not take and nobody sends, kept until { $time }
drafts-put-back = Put it back into the box
drafts-beside-another = Another page of this case had written something else meanwhile. Both texts are kept: yours stands in the box, the other one below it for an hour.
drafts-sent = These words were sent by another page of this case: look at the conversation above.
drafts-not-kept = This draft is not kept: { $error }. Your text is still in the box, as long as this page is open and the desk is not locked.
