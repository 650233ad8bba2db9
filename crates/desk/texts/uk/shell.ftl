# The frame of all pages, and what several pages say.
#
# Words that all files share. Whoever adds a sentence takes these, in a formal "ви", short and in plain order; what is pressed
# is an infinitive ("Взяти справу"). The Ukrainian letters alone, the apostrophe ’ and quotation marks «».
#
#   answer            відповідь                     hub            сервер
#   at the desk       на чергуванні                 identity       головний ключ
#   beat              такт                          keyring        зв’язка ключів
#   board             дошка                         leader         керівник
#   cadence           розклад надсилання            level          рівень
#   call              звернення                     log            журнал
#   call sign         позивний                      note           нотатка для своїх
#   caller            заявник                       notice         оголошення
#   case              справа                        operator       оператор
#   certificate       сертифікат                    posted         відправлено
#   claim, take       взяти справу                  preview        перегляд
#   colleague         колега                        pseudonym      псевдонім
#   custodian         кастодіан                     queue          черга
#   desk              служба                        shift          зміна
#   desk program      програма служби               shut out       від’єднати (пристрій)
#   draft             чернетка                      strike         викреслити
#   duty key          робочий ключ                  take back      відкликати
#   follow-up         нагадування                   template       шаблон
#   handover          передача зміни                track          напрям
#   hand over         передати                      turn           черга
#   held (answer)     затримано                     let go         відпустити

shell-title = { $page } · Служба Callsign
shell-language = Мова
shell-skip = Одразу до сторінки
shell-no-scripts = **У цьому браузері вимкнено скрипти.** Клавіші не діють, Esc не замикає, а нові звернення видно лише після перезавантаження сторінки.

shell-nav = Служба
shell-board = Дошка
shell-search = Пошук
shell-due = На часі
shell-due-what = нагадування
shell-people = Люди
shell-help = Довідка
shell-lock = Замкнути
shell-lock-keys = (Esc ×2)

shell-next = Далі
shell-next-look = найтерміновіше
shell-next-offered = є для вас
shell-next-you = ви наступні
shell-next-before = перед вами { $number }
shell-next-most-urgent = найтерміновіше
shell-next-ready = сказати, що ви готові
shell-nobody-else = Більше ніхто не чекає

shell-back-to-board = Назад до дошки
shell-what-you-wrote = Що ви написали
shell-failed = Не вдалося
shell-cannot-be-shown = Цю сторінку не можна показати: { $error }.
shell-not-found = Не знайдено
shell-nothing-here = За цією адресою нічого немає
shell-addresses-change = Адреси справ змінюються щоразу, коли запускається програма служби.

shell-closed = Зачинено
shell-not-let-in = Цей браузер не впущено
shell-one-time-link = Служба відкривається за одноразовим посиланням. Кожне посилання впускає один браузер один раз, а в цього браузера чинного немає.
shell-new-link = Щоб отримати нове посилання, зупиніть програму служби й запустіть її знову: `callsign desk serve` виводить посилання під час кожного запуску. Жодне звернення й жодна надіслана відповідь від цього не губляться.
shell-continue = Посилання щойно відкрито: продовжити
shell-practice = **Служба для навчання.** Усі заявники тут вигадані: насправді ніхто не чекає.
shell-practice-title = Навчання · { $page }
