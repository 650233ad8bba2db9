# What is said of a whole case, and when its caller may look.

flags-title = Flags and safe hours
flags-flag = Flag
flags-until = until the end of { $day }
flags-with-many = flagged with many others by when they came, before anybody had read it
flags-lift = Lift it
flags-set = Flag this case
flags-coerced-what = The caller may be watched, or made to write. Each answer has a second reader. It ends after 30 days.
flags-abusive-what = Nobody should read it unprepared. It ends after 30 days.
flags-junk-what = It comes behind all other cases that wait, and stays readable. It ends after 30 days.
flags-coerced-banner = **This caller may be under duress.** Write nothing that shows that you know. Each answer has a second reader before it leaves.
flags-safe-hours = Safe hours
flags-safe-now = now
flags-not-safe-now = not now
flags-set-safe-hours = Set safe hours
flags-from = From
flags-to = Until
flags-zone = The caller’s zone
flags-hours-what = As the caller’s words are to be understood. Hours may go over midnight. Leave both empty where nobody knows them.
flags-keep-hours = Keep the hours
