# Writing an answer: the form, and what it refuses.

reply-title = Answer
reply-folded = Your answer stays as it is. Close the note to go on with it.
reply-room = At most { $parts } parts of { $bytes } bytes; a Cyrillic letter takes two.
reply-keep = Keep it as a draft
reply-preview = Preview
reply-preview-what = Shows what the caller will see, and when it leaves. Nothing is sent before you say so there.
reply-send-rest = Send now what waits
reply-send-rest-what = With nothing written, all that waits leaves at once. The price: the hub can see that this desk has just answered or opened something.

reply-cannot = This caller cannot be answered now.
reply-from = Their clock was ahead when they wrote; they can be answered from { $day } on.
reply-lapsed = Their mailbox has lapsed; they can be answered again once they have written again.
reply-unproven = Nothing that came in is proven to be theirs: somebody who had a removed device may have written it. They can be answered once a message comes in that is proven.

reply-empty = Nothing was sent: the answer is empty.
reply-key-used = An answer was taken from this form already, with other words; look above. What is below was not sent: sending it now sends it as another answer.
reply-same-words = These very words were taken as an answer to this caller within the hour: they stand in the conversation above. Nothing was sent a second time. Send it once more only if the caller is to get it twice.
reply-not-shown = Nothing was sent: a new message has come in meanwhile, or a colleague's answer. Read it above, then send; your text is still here.
reply-brackets = Nothing was sent: words in square brackets look like a place that is still to be filled in: { $what }. Write what belongs there, or the words without brackets or in (round ones). Where the caller is to read just that, tick below that you mean the brackets, and press Preview again.
reply-brackets-meant = I mean the brackets: the caller is to read them
reply-refused = Nothing was sent: { $error }.
reply-not-whole = Nothing was sent: this form was not whole. Your text is still here; send it once more.
reply-no-case = There is no such case.
