# Who has the case, and how urgent it is.

holder-only-read = Ваші ролі дозволяють читати цю справу, але нічого в ній не змінювати: ролі встановлює кастодіан.
holder-you = (ви)
holder-take = Взяти цю справу
holder-take-over = Перебрати її
holder-let-go = Відпустити справу
holder-offered-to = запропоновано: { $name }
holder-live = { $name } має цю справу. Те, що ви надсилаєте, затримується, доки його не відпустять.
holder-lapsed = { $name } має цю справу і вже довго нічого в ній не робить. Ви можете її перебрати.
holder-absent = { $name } має цю справу, а з пристрою колеги нічого не надходить: може, лише немає зв’язку. Ви можете її перебрати.
holder-reason = Чому, одним рядком. Це лишиться в журналі служби.

holder-level-at-once = негайно
holder-level-soon = скоро
holder-level-usual = звичайно
holder-level-can-wait = може почекати
