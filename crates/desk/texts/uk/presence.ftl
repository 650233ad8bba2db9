# What colleagues are doing, and the switch by which somebody shows nothing of it.

presence-reads = читає
presence-writes = пише
presence-writes-here = { $name } пише тут відповідь
presence-reads-here = { $name } читає цю справу
presence-writing-warning = { $name } зараз пише відповідь цьому заявникові. Спитайте, перш ніж писати іншу.
presence-writing-too = { $name } теж пише відповідь цьому заявникові.

presence-title = Що бачать про вас колеги
presence-is-shown = Колеги бачать, чи ви на місці, читаєте чи пишете, а біля справи — що ви в ній. Це йде лише з тактами служби: сервер нічого з цього не бачить, а за тиждень від цього нічого не лишається.
presence-is-not-shown = Колеги бачать лише, чи надходить щось із цього комп’ютера.
presence-show-no-more = Більше не показувати
presence-show = Показувати знову
presence-holds = Це діє на цьому комп’ютері, доки ви не зміните.
