# Texts that stand ready.

templates-title = Templates
templates-search = Search templates
templates-template = Template
templates-put-in = Put it into the box
templates-none-chosen = Nothing was put in: choose a template of those that are offered.
templates-not-put-in = Nothing was put in: { $error }.
