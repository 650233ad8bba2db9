# Texts that stand ready.

templates-title = Шаблони
templates-search = Шукати шаблон
templates-template = Шаблон
templates-put-in = Вставити в поле
templates-none-chosen = Нічого не вставлено: виберіть шаблон із запропонованих.
templates-not-put-in = Нічого не вставлено: { $error }.
