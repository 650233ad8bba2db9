# Follow-ups: what is to be done on which day, for all cases and for one.

follow_ups-title = Нагадування
follow_ups-nothing = На певний день нічого не заплановано. Нагадування встановлюють на сторінці звернення.
follow_ups-first = Перші { $number } із { $all }.
follow_ups-of = Нагадування: { $name }
follow_ups-back = Назад до звернення
follow_ups-none = Жодного немає.
follow_ups-not-set = Нічого не встановлено: { $error }.
follow_ups-not-done = Не позначено як зроблене: { $error }.
follow_ups-done = Зроблено
follow_ups-move = Перенести
follow_ups-move-it = Перенести його
follow_ups-set-one = Нове нагадування
follow_ups-set = Установити
follow_ups-safe-times = Коли безпечно дивитися, словами заявника:

follow_ups-window = Безпечно дивитися: { $window }. Або на одну з цих годин:
follow_ups-outside = Нічого не встановлено: { $hour } UTC — поза годинами, коли заявникові безпечно дивитися: { $window }. Виберіть іншу годину або скажіть нижче, чому саме ця.
follow_ups-why = Чому поза безпечними годинами
follow_ups-outside-why = поза безпечними годинами: { $why }

follow_ups-day = День (UTC)
follow_ups-hour = Година (UTC), якщо вона важлива
follow_ups-what = Що треба зробити

follow_ups-due = на часі
follow_ups-today = сьогодні
follow_ups-tomorrow = завтра
follow_ups-in-days = { $number ->
    [one] за { $number } день
    [few] за { $number } дні
    [many] за { $number } днів
   *[other] за { $number } дня
}
follow_ups-moved = перенесено з { $day }
