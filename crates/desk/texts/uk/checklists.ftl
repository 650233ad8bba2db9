# Checklists beside a case.

checklists-title = Перелік кроків
checklists-of = { $done } з { $all }
checklists-is-done = Крок зроблено.
checklists-is-open = Крок знову не зроблено.
checklists-not-ticked = Нічого не позначено: { $error }.
checklists-elsewhere = { $number ->
    [one] { $number } крок
    [few] { $number } кроки
    [many] { $number } кроків
   *[other] { $number } кроку
} іншої версії переліку «{ $list }»: { $names }. Тут її немає: завантажте ті самі файли на всіх комп’ютерах.
