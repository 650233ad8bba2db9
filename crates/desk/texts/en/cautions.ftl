# What a note may tell, and keeping it all the same.

cautions-not-yet = This may tell who or where somebody is. Take it out, or keep it all the same:
cautions-keep = Keep it all the same
