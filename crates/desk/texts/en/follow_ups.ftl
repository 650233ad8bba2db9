# Follow-ups: what is to be done on which day, for all cases and for one.

follow_ups-title = Follow-ups
follow_ups-nothing = Nothing is to be done on a certain day. A follow-up is set on the page of a call.
follow_ups-first = The first { $number } of { $all }.
follow_ups-of = Follow-ups of { $name }
follow_ups-back = Back to the call
follow_ups-none = None is set.
follow_ups-not-set = Nothing was set: { $error }.
follow_ups-not-done = It is not marked as done: { $error }.
follow_ups-done = Done
follow_ups-move = Move
follow_ups-move-it = Move it
follow_ups-set-one = Set one
follow_ups-set = Set
follow_ups-safe-times = Safe to look, in the caller's words:

follow_ups-window = Safe to look: { $window }. Or at one of these hours:
follow_ups-outside = Nothing was set: { $hour } UTC is outside of the hours in which it is safe for the caller to look, { $window }. Choose another hour, or say below why it has to be that one.
follow_ups-why = Why outside of the safe hours
follow_ups-outside-why = outside of the safe hours: { $why }

follow_ups-day = Day (UTC)
follow_ups-hour = Hour (UTC), where it matters
follow_ups-what = What is to be done

follow_ups-due = due
follow_ups-today = today
follow_ups-tomorrow = tomorrow
follow_ups-in-days = { $number ->
    [one] in { $number } day
   *[other] in { $number } days
}
follow_ups-moved = moved from { $day }
