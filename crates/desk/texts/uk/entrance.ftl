# The way in.

entrance-locked = Замкнено
entrance-passphrase = Кодова фраза
entrance-unlock = Відімкнути
entrance-hint = Перевірка триває якусь мить: саме це сповільнює вгадування.
entrance-wrong = Ця кодова фраза не відмикає служби. Перевірте розкладку клавіатури й Caps Lock і спробуйте ще раз; нічого не втрачено.
entrance-does-not-open = Служба не відмикається: { $error }.
