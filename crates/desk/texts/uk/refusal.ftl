# Pages for what was not done.

refusal-address-title = Інша адреса
refusal-address = Ця служба відповідає лише за адресою, яку вона вивела.
refusal-not-from-here-title = Не звідси
refusal-not-from-here = Це надійшло не зі сторінок служби, тому нічого не зроблено.
refusal-not-possible-title = Тут це неможливо
refusal-not-possible = На цю адресу нічого не можна надіслати.
refusal-too-long-title = Задовго
refusal-too-long = Нічого не надіслано: текст набагато довший, ніж може бути відповідь. Поверніться назад і надішліть його кількома відповідями.
refusal-not-found-title = Не знайдено
refusal-not-found = За цією адресою нічого немає. Адреси справ змінюються щоразу, коли запускається програма служби.
refusal-not-understood-title = Не зрозуміло
refusal-not-understood = Служба не розуміє цієї адреси чи форми, тому нічого не зроблено.
refusal-failed-title = Не вдалося
refusal-failed = Програма служби не впоралася з цим. Подивіться на дошці, що з того вийшло, і спробуйте ще раз; прийняту відповідь двічі не приймають.
