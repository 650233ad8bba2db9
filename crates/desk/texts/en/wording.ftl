# Times, numbers and names in words.

wording-under-ten-minutes = under 10 min
wording-minutes-short = { $number } min
wording-hours-short = { $number } h
wording-days = { $number ->
    [one] { $number } day
   *[other] { $number } days
}

# Behind "every".
wording-every-seconds = { $number ->
    [one] { $number } second
   *[other] { $number } seconds
}
wording-every-minutes = { $number ->
    [one] { $number } minute
   *[other] { $number } minutes
}

# Behind "within about".
wording-within-a-minute = a minute
wording-within-minutes = { $number ->
    [one] { $number } minute
   *[other] { $number } minutes
}
wording-within-hours = { $number ->
    [one] { $number } hour
   *[other] { $number } hours
}

wording-date = { $day } { $month ->
    [1] Jan
    [2] Feb
    [3] Mar
    [4] Apr
    [5] May
    [6] Jun
    [7] Jul
    [8] Aug
    [9] Sep
    [10] Oct
    [11] Nov
   *[other] Dec
} { $year }
wording-moment = { $date }, { $time } UTC
wording-unknown-time = at an unknown time
wording-unknown-day = an unknown day

wording-no-language = No language
wording-arabic = Arabic
wording-belarusian = Belarusian
wording-english = English
wording-persian = Persian
wording-kazakh = Kazakh
wording-russian = Russian
wording-ukrainian = Ukrainian

wording-no-track = No track
wording-level = Level

# Behind "closed: ".
wording-closed-answered = answered
wording-closed-referred = referred to somebody else
wording-closed-junk = junk
wording-closed-no-more-needed = nothing more needed
wording-flag-coerced = under duress
wording-flag-abusive = abusive
wording-flag-junk = junk
wording-step = nobody has it after { $minutes } minutes
wording-step-last = nobody has it after { $minutes } minutes: tell a leader
