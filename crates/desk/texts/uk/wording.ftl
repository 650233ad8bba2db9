# Times, numbers and names in words.

wording-under-ten-minutes = до 10 хв
wording-minutes-short = { $number } хв
wording-hours-short = { $number } год
wording-days = { $number ->
    [one] { $number } день
    [few] { $number } дні
    [many] { $number } днів
   *[other] { $number } дня
}

# Behind "раз на".
wording-every-seconds = { $number ->
    [one] { $number } секунду
    [few] { $number } секунди
    [many] { $number } секунд
   *[other] { $number } секунди
}
wording-every-minutes = { $number ->
    [one] { $number } хвилину
    [few] { $number } хвилини
    [many] { $number } хвилин
   *[other] { $number } хвилини
}

# Behind "приблизно за".
wording-within-a-minute = хвилину
wording-within-minutes = { $number ->
    [one] { $number } хвилину
    [few] { $number } хвилини
    [many] { $number } хвилин
   *[other] { $number } хвилини
}
wording-within-hours = { $number ->
    [one] { $number } годину
    [few] { $number } години
    [many] { $number } годин
   *[other] { $number } години
}

wording-date = { $day } { $month ->
    [1] січ.
    [2] лют.
    [3] бер.
    [4] квіт.
    [5] трав.
    [6] черв.
    [7] лип.
    [8] серп.
    [9] вер.
    [10] жовт.
    [11] лист.
   *[other] груд.
} { $year }
wording-moment = { $date }, { $time } UTC
wording-unknown-time = у невідомий час
wording-unknown-day = невідомий день

wording-no-language = Мову не вказано
wording-arabic = арабська
wording-belarusian = білоруська
wording-english = англійська
wording-persian = перська
wording-kazakh = казахська
wording-russian = російська
wording-ukrainian = українська

wording-no-track = Без напряму
wording-level = Рівень

# Behind "закрито: ".
wording-closed-answered = є відповідь
wording-closed-referred = спрямовано до когось іншого
wording-closed-junk = сміття
wording-closed-no-more-needed = більше нічого не потрібно
wording-flag-coerced = під примусом
wording-flag-abusive = образливе
wording-flag-junk = сміття
wording-step = за { $minutes } хвилин ніхто не взяв
wording-step-last = за { $minutes } хвилин ніхто не взяв: скажіть керівникові
