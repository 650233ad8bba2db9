# Looking an answer over before it is sent.

preview-title = Перегляд
preview-to = Для { $name }
preview-not-yet-shown = Ще нічого не надіслано: перегляньте текст такий, як він є зараз, і тоді надішліть.
preview-what = Це побачить заявник. Мова цієї справи: { $language }.
preview-parts = { $number ->
    [one] { $number } частина.
    [few] { $number } частини.
    [many] { $number } частин.
   *[other] { $number } частини.
}
preview-send = Надіслати
preview-back = Назад до тексту
preview-send-now = Надіслати негайно
preview-send-now-what = Надсилає цю відповідь і все, що чекає, одразу. Ціна: сервер побачить, що служба щойно відповіла або щось відкрила.

preview-held = { $name } має цю справу: відповідь затримається й піде, коли її відпустять.
preview-held-by-somebody = Цю справу має колега: відповідь затримається й піде, коли її відпустять.
preview-outside = Зараз вона не піде: цей пристрій нічого не робить для служби, а чому — сказано вгорі сторінки.
preview-in-turn = Вона піде у свою чергу за розкладом.
preview-leaves = Піде приблизно за { $within }: з усього, що чекає в цьому списку, одна частина йде раз на { $every }.
preview-leaves-behind = { $number ->
    [one] Піде приблизно за { $within }: з усього, що чекає в цьому списку, одна частина йде раз на { $every }, а перед нею ще { $number } частина.
    [few] Піде приблизно за { $within }: з усього, що чекає в цьому списку, одна частина йде раз на { $every }, а перед нею ще { $number } частини.
    [many] Піде приблизно за { $within }: з усього, що чекає в цьому списку, одна частина йде раз на { $every }, а перед нею ще { $number } частин.
   *[other] Піде приблизно за { $within }: з усього, що чекає в цьому списку, одна частина йде раз на { $every }, а перед нею ще { $number } частини.
}

preview-cautions = Погляньте на це ще раз
preview-cyrillic = Більшість літер кириличні, а мова цієї справи: { $language }.
preview-latin = Більшість літер латинські, а мова цієї справи: { $language }.
preview-letters = Є літери, яких не має мова справи ({ $language }): { $letters }
preview-coordinates = Схоже на координати
preview-link = Схоже на посилання або адресу
preview-name = Схоже на чиєсь ім’я
preview-phone = Схоже на номер телефону
preview-place = Схоже на назву місця
preview-plate = Схоже на номерний знак
