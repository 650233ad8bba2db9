# A colleague reads an answer before it leaves.

second_reader-waits = Waits for a second reader: it leaves once a colleague has read it.
second_reader-refused = Not to leave like this, says { $name }:
second_reader-approve = I have read it: let it leave
second_reader-refuse = Not like this
second_reader-why = Why, in one line, for its author
second_reader-tell = Tell the author
second_reader-wanted = A colleague reads it before it leaves
second_reader-trainee = A colleague reads it before it leaves, for you are a trainee.
second_reader-demanded = A colleague reads it before it leaves, for this caller may be under duress.
