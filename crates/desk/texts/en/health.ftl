# The strip that says how the desk is, and the quiet lines about it in help.

health-trouble = Trouble

health-alarm-heading = Stop: do not trust the hub
health-alarm = This device caught a contradiction: { $what }.
health-alarm-nothing-written = Nothing is written to the hub any more. Answers that you send stay on this device.
health-alarm-no-callers = Do not send callers there, and do not start another device of this desk.
health-alarm-tell = Tell the custodian now, by another way. Compare with another device of the desk: the hub may have been seized, restored from an old copy, or altered.

health-clocks = **This computer's date is { $own }, and the hub's is { $hub }.** The hub takes nothing that this desk writes: answers wait on this device, and neither keys nor the notice turn over.
health-clocks-nobody-can-tell = By the wrong clock nobody can tell how long callers have waited, or whether they can write.

health-alarm-kind = Stop: do not trust the hub.
health-away = The desk is cut off from the hub.
health-catching-up = The desk's state is still coming from the hub.
health-certificate = The duty key's certificate has ended.
health-clock = The hub has another date than this computer.
health-clock-of-device = Another device of the desk has another date.
health-outdated = This program is too old for the desk.
health-own-disk = The desk cannot use its own files.
health-outside = This device does not belong to the desk any more.
health-refused = The hub refuses what the desk asks.
health-other = The desk cannot go on.

health-clock-ahead = **The clock of the device { $device } is { $span } ahead of this computer's.** One of both is wrong. Answers go on by this computer's clock, and nothing waits for the other. Compare both with a clock that is right, and set the wrong one.
health-late-calls = { $number ->
    [one] **{ $number } part of a call waits on this device alone for half the time that the hub keeps them, and would be lost with it.**
   *[other] **{ $number } parts of calls wait on this device alone for half the time that the hub keeps them, and would be lost with it.**
} They go to the others with the beats; what an operator sends at once takes them along, and the hub sees that.
health-certificate-ended = **The duty key's certificate has ended, and callers will soon be unable to write.**
health-certificate-ends = **The duty key's certificate ends on { $day }.** A device with the identity must be at work, or the custodian renew it, with `callsign desk identity certify`.
health-large = **The desk's state fills more than half of what can be saved.** Erase cases that are closed: where it does not fit any more, old keys are kept, and what is erased stays readable.
health-keyring-large = **The desk's keys fill more than half of what the hub takes.** Each removal of a device adds keys, which go within three months at most: remove none that need not go, and ask why so many came.
health-no-notice = No valid notice is known. Callers can write only once the desk has published one, which it does by itself when the hub answers.
health-notice-expired = **By this computer's clock the notice has expired: where the clock is right, callers cannot write.** It is renewed by itself as soon as the hub answers.
health-notice-ends = **The notice ends in { $span }.** Callers cannot write after that. It is renewed by itself as soon as the hub answers.

health-notice-good = The notice is good for { $span } and is renewed by itself.
health-certified = The duty key is certified until { $day }.
health-deceivable = Until the end of { $day }, a device that was removed or left out can, with a hub that helps it, show callers false notices.
health-crowded-out = { $number ->
    [one] { $number } part of a call was not kept since this program began: their callers had sent as much as is kept before a person opens any of it.
   *[other] { $number } parts of calls were not kept since this program began: their callers had sent as much as is kept before a person opens any of it.
}
health-dropped = { $number ->
    [one] { $number } cell could not be opened since this program started, and nothing waits for them.
   *[other] { $number } cells could not be opened since this program started, and nothing waits for them.
} Anybody can send garbage; many at once are worth telling the custodian.
