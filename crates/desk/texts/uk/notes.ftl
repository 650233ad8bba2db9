# Notes among colleagues, beside the conversation.

notes-title = Нотатки для своїх
notes-none = Нотаток немає. Написане тут бачать колеги, а заявник — ніколи.
notes-write = Написати нотатку
notes-colleagues-only = Тільки для своїх
notes-note = Нотатка, якої заявник ніколи не побачить
notes-draft = чернетка відповіді, нікому не надіслана
notes-next = що далі
notes-room = Щонайбільше приблизно 3 000 кириличних літер або 6 000 латинських.
notes-keep = Зберегти нотатку
notes-no-scripts = У цьому браузері вимкнено скрипти: збереження нотатки перезавантажує сторінку, тож спершу надішліть те, що написали заявникові.
notes-ago = { $span } тому
notes-here = збережено тут, у журналі ще немає
notes-rest = Решти ще немає в журналі служби.
notes-strike = Викреслити
notes-strike-what = Її текст зникне, для всіх колег і назавжди. Те, що ви її викреслили, лишиться.
notes-strike-button = Викреслити цю нотатку
notes-struck = Викреслено: { $name }.
notes-kept = Нотатку збережено.
notes-is-struck = Нотатку викреслено.
notes-not-kept = Нічого не збережено: { $error }.
notes-not-struck = Не викреслено: { $error }.
