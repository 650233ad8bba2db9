# Notes among colleagues, beside the conversation.

notes-title = Notes
notes-none = No notes. Colleagues see what is written here; the caller never.
notes-write = Write a note
notes-colleagues-only = Colleagues only
notes-note = Note, which the caller never sees
notes-draft = a draft of an answer, sent to nobody
notes-next = what is next
notes-room = About 3,000 Cyrillic letters at most, or 6,000 Latin ones.
notes-keep = Keep note
notes-no-scripts = Scripts are off in this browser: keeping a note loads this page anew, so send first what you have written to the caller.
notes-ago = { $span } ago
notes-here = kept here, not in the log yet
notes-rest = The rest is not in the desk's log yet.
notes-strike = Strike
notes-strike-what = Its text goes, for all colleagues and for good. That you struck it stays.
notes-strike-button = Strike this note
notes-struck = Struck by { $name }.
notes-kept = The note is kept.
notes-is-struck = The note is struck.
notes-not-kept = Nothing was kept: { $error }.
notes-not-struck = It is not struck: { $error }.
