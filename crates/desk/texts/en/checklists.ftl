# Checklists beside a case.

checklists-title = Checklist
checklists-of = { $done } of { $all }
checklists-is-done = The step is done.
checklists-is-open = The step is open again.
checklists-not-ticked = Nothing was ticked: { $error }.
checklists-elsewhere = { $number ->
    [one] { $number } step
   *[other] { $number } steps
} of another version of the list “{ $list }”, by { $names }. It does not stand here: import the same files on all computers.
