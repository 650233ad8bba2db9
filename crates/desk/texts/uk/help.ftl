# Help: a sheet over each page, and a page of its own.

help-title = Довідка
help-close = Закрити
help-keys = Клавіші
help-keys-need-scripts = Для клавіш потрібні скрипти, а в цьому браузері їх вимкнено.
help-looks = Вигляд і клавіші
help-colours = Кольори
help-theme-computer = Як налаштовано на комп’ютері
help-theme-light = Світлі
help-theme-dark = Темні
help-single-keys = Поодинокі клавіші діють: літери, / та ?
help-looks-hold = Це діє в усіх браузерах цієї програми служби, доки її не зупинено. На диску нічого не зберігається.
help-keep = Зберегти
help-desk = Ця служба
help-words = За цими словами її впізнають заявники. Слова не таємні:
