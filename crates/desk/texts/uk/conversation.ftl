# A conversation as it is read: who wrote what, what has not arrived, what has left.

conversation-caller = Заявник
conversation-desk = Служба
conversation-ago = { $span } тому
conversation-may-be-forged = **Можлива підробка.** Засвідчено ключем, який знав вилучений пристрій: переконайтеся, хто пише.
conversation-part-missing = частина { $number } із { $all } ще не надійшла
conversation-part-not-in-log = частини { $number } із { $all } ще немає в журналі служби

conversation-new = { $number ->
    [1] **Нове повідомлення** від заявника, ще не відкрите.
    [one] **{ $number } нове повідомлення** від заявника, ще не відкрите.
    [few] **{ $number } нові повідомлення** від заявника, ще не відкриті.
    [many] **{ $number } нових повідомлень** від заявника, ще не відкритих.
   *[other] **{ $number } нового повідомлення** від заявника, ще не відкритого.
}
conversation-opening-tells = Коли ви відкриєте, заявник дізнається, що це відкрила людина.
conversation-open = { $number ->
    [1] Відкрити його
    [one] Відкрити { $number } повідомлення
    [few] Відкрити { $number } повідомлення
    [many] Відкрити { $number } повідомлень
   *[other] Відкрити { $number } повідомлення
}

conversation-held = Затримано: цю справу має { $name }. Відповідь піде, коли її відпустять.
conversation-held-decide = Затримано: коли її надсилали, справу мав колега. Відпустіть її або відкличте.
conversation-held-by-others = Затримано: коли її надсилали, справу мав колега. Вона піде, коли її відпустить автор або той, хто візьме справу.
conversation-overtaken-decide = Затримано: заявник написав ще раз, перш ніж ця відповідь потрапила до журналу служби, і автор цього не читав. Прочитайте; тоді відпустіть відповідь, як вона є, або змініть її.
conversation-overtaken-by-others = Затримано: заявник написав ще раз, перш ніж ця відповідь потрапила до журналу служби, і автор цього не читав. Вона піде, коли її відпустить автор або той, хто має справу.
conversation-change-it = Відкликати, щоб змінити
conversation-taken-back = Відкликано: з неї нічого не відправлено
conversation-posted = відправлено
conversation-never-left = так і не пішла: строк скриньки заявника минув
conversation-queued = чекає своєї черги за розкладом
conversation-some-posted = (відправлено частин: { $number } із { $all })
conversation-kept-here = **лежить на цьому комп’ютері:** до журналу служби дійде й вийде, щойно мине те, що стоїть угорі сторінки
conversation-stays-here = **лежить на цьому комп’ютері й не вийде:** цей пристрій зараз нічого для служби не робить
conversation-let-it-leave = Відпустити
conversation-take-it-back = Відкликати
