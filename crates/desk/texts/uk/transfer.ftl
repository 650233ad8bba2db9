# Handing a case over, on its page. What ends without a full stop is followed by one, or by what was said with it.

transfer-asks = { $name } просить цю справу
transfer-offers-you = { $name } пропонує цю справу вам
transfer-offers = { $name } пропонує цю справу ({ $to })
transfer-does-not-take = { $name } не бере цієї справи
transfer-offered = Запропоновано: { $to }
transfer-to-anyone = наступному в черзі
transfer-to-leader = будь-кому з керівників
transfer-to-operator = будь-кому з операторів
transfer-waits = Чекає на відповідь уже { $span }. Доти справа ваша.
transfer-waits-here = Чекає на відповідь, у журналі її ще немає. Доти справа ваша.
transfer-ended = Ніхто вчасно не взяв цієї справи: вона лише ваша.
transfer-offered-to-you = Запропоновано вам

transfer-hand-over = Передати
transfer-to-whom = Кому. Справа лишається вашою, доки її не візьмуть.
transfer-nobody-else = Більше нікого зараз немає.
transfer-choose = Виберіть
transfer-any-operator = Будь-хто з операторів
transfer-any-leader = Будь-хто з керівників
transfer-anyone = Наступний у черзі
transfer-why = Чому, одним рядком, якщо хочете
transfer-why-colleagues = Чому, одним рядком, якщо хочете. Читатимуть колеги, заявник — ніколи.
transfer-offer-button = Запропонувати цю справу
transfer-withdraw = Більше не пропонувати
transfer-accept = Прийняти
transfer-refuse = Відмовитися
transfer-refuse-button = Відмовитися від справи
transfer-ask = Попросити справу в колеги ({ $name })
transfer-ask-button = Попросити
transfer-has-asked = Ви попросили цю справу в колеги ({ $name }).

transfer-said-offered = Справу запропоновано; вона ваша, доки її не візьмуть.
transfer-said-withdrawn = Справу більше не пропонують.
transfer-said-accepted = Справа ваша.
transfer-said-refused = Від пропозиції відмовлено.
transfer-said-asked = Ви попросили цю справу.
transfer-refused-act = Нічого не зроблено: { $error }.
