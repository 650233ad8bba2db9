# Closing a case and reopening it.

closing-title = Закрити
closing-why = Чому
closing-choose = Виберіть
closing-answered = Є відповідь
closing-referred = Спрямовано до когось іншого
closing-no-more-needed = Більше нічого не потрібно
closing-junk = Сміття
closing-button = Закрити цю справу
closing-what = Закриту справу ви відпускаєте. Нагадування лишаються, а відповіді, що чекають, усе одно підуть.
closing-unopened = Є повідомлення, якого ніхто не відкрив. Спершу відкрийте його.
closing-of-colleague = Цю справу має { $name }: закрити її може лише той, хто її має.
closing-closed-by = **Закрито: { $why }**, { $name }, { $span } тому.
closing-closed-here = **Закрито: { $why }**, { $name } (збережено тут, у журналі ще немає).
closing-waits-no-longer = Вона більше не чекає. Нове повідомлення відкриє її саме.
closing-reopen = Відкрити знову
closing-closed = Справу закрито.
closing-open-again = Справу знову відкрито.
closing-not-closed = Справу не закрито: { $error }.
closing-not-reopened = Справу не відкрито знову: { $error }.
