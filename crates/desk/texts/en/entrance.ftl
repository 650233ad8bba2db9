# The way in.

entrance-locked = Locked
entrance-passphrase = Passphrase
entrance-unlock = Unlock
entrance-hint = Checking takes a moment; that is what makes guessing slow.
entrance-wrong = This passphrase does not open the desk. Check the keyboard layout and Caps Lock, and try again; nothing is lost.
entrance-does-not-open = The desk does not open: { $error }.
