# The board: who waits, for how long, on which track; then who has been answered.

board-title = Дошка
board-calls = Звернення
board-at-the-desk = На чергуванні:
board-away = Немає на місці:
board-you = (ви)
board-handover = Передача зміни

board-your-turn = Ваша черга
board-is-offered = Вам пропонують: { $case }
board-take-it = Взяти
board-not-this-one = Не це
board-not-now = Не зараз
board-goes-on = Якщо хвилин за п’ять його ніхто не візьме, воно перейде до наступного, хто готовий.
board-no-passes = Ви вже передали далі стільки, скільки можна, доки не взято справи.
board-passes = «Не це» передає його далі одразу, і ніхто не питає чому: лишилося { $number }, доки ви не візьмете якогось.
board-you-are-next = **Ви наступні.**
board-before-you = **Ви готові.** Перед вами: { $names }.
board-heard-soon = Служба почує про це за хвилину, і тоді вам запропонують звернення.
board-next-once-more = Ще раз «Далі» одразу бере найтерміновіше звернення, якого ніхто не має; колега міг бути швидший.

board-filters = Звузити
board-news = Нове, відколи ви дивилися
board-news-named = нове
board-clear = Показати все (B / И)
board-nobody-so = Ніхто не чекає
board-tracks = Напрями
board-all-tracks = Усі напрями
board-mine = Мої
board-mine-cases = { $number ->
    [one] { $number } справа
    [few] { $number } справи
    [many] { $number } справ
   *[other] { $number } справи
}
board-mine-none = немає
board-mine-offered = запропоновано вам: { $number }
board-track-waiting = **чекають: { $waiting }** із { $cases }
board-track-none-waiting = ніхто не чекає з { $cases }
board-track-no-calls = звернень немає
board-track-longest = найдовше { $span }

board-no-calls = Звернень ще немає.
board-shows-new-ones = Нові з’являться на цій сторінці самі.
board-shows-new-calls = Нові звернення з’являться на цій сторінці самі.
board-leave-open = Лишіть її відкритою. Скільки звернень чекає, видно в назві вкладки.
board-nobody = Ніхто не чекає.
board-nobody-of-yours = У ваших справах ніхто не чекає.
board-nobody-on-track = За цим напрямом ніхто не чекає.
board-waiting = Чекають
board-waiting-yours = Чекають, ваші
board-answered = З відповіддю

board-pages-waiting = Сторінки тих, хто чекає
board-pages-answered = Сторінки тих, кому відповіли
board-list-anew = Відколи показано ту сторінку, програму служби запущено наново: список починається згори.
board-page = { $from }–{ $to } із { $all }
board-to-top = На початок
board-previous-page = Попередня сторінка
board-next-page = Наступна сторінка

board-messages = { $number ->
    [one] { $number } повідомлення
    [few] { $number } повідомлення
    [many] { $number } повідомлень
   *[other] { $number } повідомлення
}
board-offered-by = пропонує { $name }
board-offered-to = запропоновано: { $name }
board-not-opened = не відкрито
board-some-not-opened = не відкрито: { $number }
board-closed = закрито: { $why }
board-may-be-forged = можлива підробка
board-incomplete = неповне
board-never-left = відповідь так і не пішла
board-not-posted = відповідь ще не відправлено
board-waits = чекає **{ $span }**
board-wrote = писали { $span } тому
board-to-read = є відповідь для другого читача
board-flood = Навала
board-flood-what = **Чекають { $number } звернень**: більше, ніж можна переглянути по одному. Найтерміновіші стоять нижче.
board-flood-level = { $number ->
    [one] { $number } звернення
    [few] { $number } звернення
    [many] { $number } звернень
   *[other] { $number } звернення
}
board-flood-go = Переглянути ті, яких ніхто не відкривав
board-waiting-first = Чекають, перші з них
board-waiting-level = Чекають, рівень { $level }
board-waiting-aside = Чекають, позначені як сміття
board-nobody-on-level = На цьому рівні ніхто не чекає.
board-nobody-aside = Серед тих, хто чекає, ніхто не позначений як сміття.
board-wrote-since = писали після позначки «сміття»
board-last-step = { $number ->
    [one] **{ $number } звернення чекає вже { $minutes } хвилин, і ніхто його не має.** Візьміть його або скажіть керівникові.
    [few] **{ $number } звернення чекають уже { $minutes } хвилин, і ніхто їх не має.** Візьміть їх або скажіть керівникові.
    [many] **{ $number } звернень чекають уже { $minutes } хвилин, і ніхто їх не має.** Візьміть їх або скажіть керівникові.
   *[other] **{ $number } звернення чекають уже { $minutes } хвилин, і ніхто їх не має.** Візьміть їх або скажіть керівникові.
}
