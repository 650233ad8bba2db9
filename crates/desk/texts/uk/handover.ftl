# The handover: what shifts have left, what whoever looks has, what waits, and the form that ends a shift.

handover-title = Передача зміни
handover-no-sheets = Останніми днями жодної зміни не завершено.
handover-ended = { $name }: зміну завершено { $span } тому.
handover-ended-here = { $name }: зміну завершено (збережено тут, у журналі ще немає).
handover-left-none = Звернень не залишено.
handover-taken = Зміну прийнято: { $name }.
handover-not-taken-yet = Зміни ще ніхто не перейняв.
handover-take = Зміну прийнято

handover-mine = Що маєте ви
handover-mine-none = Ви не маєте жодного звернення.
handover-waits = чекає { $span }
handover-closed = закрито
handover-answered = є відповідь

handover-waiting = Що чекає
handover-nobody = Ніхто не чекає.
handover-calls = { $number ->
    [one] { $number } звернення
    [few] { $number } звернення
    [many] { $number } звернень
   *[other] { $number } звернення
}
handover-longest = найдовше { $span }
handover-due = { $number ->
    [one] До кінця наступної зміни буде на часі { $number } нагадування
    [few] До кінця наступної зміни будуть на часі { $number } нагадування
    [many] До кінця наступної зміни будуть на часі { $number } нагадувань
   *[other] До кінця наступної зміни будуть на часі { $number } нагадування
}

handover-next = Що далі, зберігається нотаткою звернення
handover-next-said = Далі:

handover-end = Завершити зміну
handover-end-what = Ваші звернення стануть вільними й лишаться на аркуші для тих, хто прийде далі. Надіслане заявникам усе одно піде.
handover-note = Що має знати той, хто прийде далі, одним рядком
handover-note-hint = Усі колеги читатимуть це тиждень. Без імен і місць.
handover-end-button = Завершити мою зміну
handover-not-ended = Вашу зміну не завершено: { $error }.
handover-not-taken = Зміну не прийнято: { $error }.
handover-late = Цих ніхто не має, і вони чекають надто довго: скажіть керівникові.
