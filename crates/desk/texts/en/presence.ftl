# What colleagues are doing, and the switch by which somebody shows nothing of it.

presence-reads = reads
presence-writes = writes
presence-writes-here = { $name } is writing an answer here
presence-reads-here = { $name } is reading this case
presence-writing-warning = { $name } is writing an answer to this caller now. Ask them before you write another.
presence-writing-too = { $name } is writing an answer to this caller, too.

presence-title = What colleagues see of you
presence-is-shown = Colleagues see whether you are here, read or write, and at a case that you are at it. It leaves with the desk's beats alone: the hub sees nothing of it, and it is gone after a week.
presence-is-not-shown = Colleagues see only whether anything comes from this computer.
presence-show-no-more = Show it no more
presence-show = Show it again
presence-holds = It holds for this computer until you change it.
