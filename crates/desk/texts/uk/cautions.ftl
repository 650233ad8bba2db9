# What a note may tell, and keeping it all the same.

cautions-not-yet = Це може виказати, хто чи де хтось є. Приберіть це або однаково збережіть:
cautions-keep = Однаково зберегти
