# A colleague reads an answer before it leaves.

second_reader-waits = Чекає на другого читача: піде, щойно її прочитає колега.
second_reader-refused = Не надсилати так, каже { $name }:
second_reader-approve = Прочитано: нехай іде
second_reader-refuse = Не так
second_reader-why = Чому, одним рядком, для автора
second_reader-tell = Сказати авторові
second_reader-wanted = Перед надсиланням її прочитає колега
second_reader-trainee = Перед надсиланням її прочитає колега, бо ви стажер.
second_reader-demanded = Перед надсиланням її прочитає колега, бо заявник може бути під примусом.
