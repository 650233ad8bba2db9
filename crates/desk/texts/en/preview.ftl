# Looking an answer over before it is sent.

preview-title = Preview
preview-to = To { $name }
preview-not-yet-shown = Nothing was sent yet: look it over as it is now, then send.
preview-what = This is what the caller will see. This case is in { $language }.
preview-parts = { $number ->
    [one] { $number } part.
   *[other] { $number } parts.
}
preview-send = Send
preview-back = Back to the text
preview-send-now = Send now
preview-send-now-what = Sends this answer and all that waits, at once. The price: the hub can see that this desk has just answered or opened something.

preview-held = { $name } has this case: the answer is held, and leaves once they let it leave.
preview-held-by-somebody = A colleague has this case: the answer is held, and leaves once they let it leave.
preview-to-be-read = It leaves once a colleague has read it as its second reader.
preview-away = The desk is cut off from the hub, so a colleague may answer first. Where the caller has written meanwhile, this answer is held until you have read that.
preview-outside = It does not leave now: this device does nothing for the desk, and why stands at the top of the page.
preview-in-turn = It takes its turn in the cadence.
preview-leaves = Leaves within about { $within }: one part of all that waits in this list leaves every { $every }.
preview-leaves-behind = { $number ->
    [one] Leaves within about { $within }: one part of all that waits in this list leaves every { $every }, and { $number } is before it.
   *[other] Leaves within about { $within }: one part of all that waits in this list leaves every { $every }, and { $number } are before it.
}

preview-cautions = Look at this once more
preview-cyrillic = Most of it is in Cyrillic letters, and this case is in { $language }.
preview-latin = Most of it is in Latin letters, and this case is in { $language }.
preview-letters = It has letters that { $language } does not have: { $letters }
preview-coordinates = These look like coordinates
preview-link = This looks like a link or an address
preview-name = This looks like somebody's name
preview-phone = This looks like a telephone number
preview-place = This looks like the name of a place
preview-plate = This looks like a plate
