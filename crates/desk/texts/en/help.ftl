# Help: a sheet over each page, and a page of its own.

help-title = Help
help-close = Close
help-keys = Keys
help-keys-need-scripts = Keys need scripts, and they are off in this browser.
help-looks = Looks and keys
help-colours = Colours
help-theme-computer = As this computer is set
help-theme-light = Light
help-theme-dark = Dark
help-single-keys = Single keys work: letters, / and ?
help-looks-hold = Both hold in all browsers of this desk program until it is stopped. Nothing is kept on a disk.
help-keep = Keep this
help-desk = This desk
help-words = Callers check it by these words. They are public:
