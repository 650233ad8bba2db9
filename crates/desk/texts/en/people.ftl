# People of the desk, their devices, and a custodian's forms.

people-title = People
people-you = (you)
people-left = Has left.
people-no-role = No role: may do nothing.
people-no-device = No device.
people-still-read = Nothing that these devices write counts, but they still read all that comes in: shut them out.
people-nobodys = Devices of nobody
people-nobodys-what = What they write counts for nothing.
people-have-left = Have left: { $number }
people-waiting = { $number ->
    [one] **{ $number } act is kept here and not in the log yet.**
   *[other] **{ $number } acts are kept here and not in the log yet.**
} The others hear of it once the hub has answered; it goes there by itself.
people-not-known-whose = The desk does not know yet whose this device is.
people-not-known-who = Who may change this is not known here yet.
people-ask-custodian = To change anything here, or to shut out a lost device, ask a custodian: { $names }.

people-device-word = Device
people-device = device { $device }
people-this-device = this device
people-identity = has the identity
people-going = is being shut out
people-ready = ready
people-not-ready = not ready for the next keys
people-not-this-one = To shut this one out, use another device of a custodian.

people-roles = What they may do
people-roles-choose = Choose one of trainee, operator, leader; custodian goes with each of them.
people-trainee-none = They are no trainee: who is an operator or leader answers alone, and nobody reads it over. Set their roles anew.
people-trainee = Trainee
people-trainee-may = Learns in cases that a colleague has; a second person reads each answer before it leaves.
people-operator = Operator
people-operator-may = Reads calls and answers them.
people-leader = Leader
people-leader-may = An operator who may also take a case from a colleague, and says why.
people-custodian = Custodian
people-custodian-may = Lets people and devices in and out, sets roles, and says what callers read of the desk.

people-add = Add a person
people-pseudonym = Pseudonym
people-pseudonym-hint = Never a real name: all devices of the desk keep it, for good.
people-add-button = Add this person
people-set-roles = Set roles
people-set-roles-button = Set these roles
people-has-left = Has left
people-leave-what = From then on nothing that their devices write counts, for good; whoever comes back gets another pseudonym. Their devices still read what comes in until they are shut out.
people-leave-type = Type { $name } to say that you mean it
people-leave-button = They have left
people-give = Give to another
people-give-who = Who works at it from now on
people-give-button = Give it to them

people-invite = Invite a device
people-invite-stands = An invitation stands: see how far it has come.
people-invite-what = You get a code to read out to whoever sits at the new device, by telephone or in the same room. It ends an invitation that this device has made before.
people-invite-button = Show a code
people-invite-title = Inviting a device
people-invite-none = No invitation of this device stands.
people-invite-waits = A device of { $name } is invited, until { $time }. This page waits for it by itself.
people-invite-asked = A device has come with the code, to be { $name }'s.
people-invite-read = Read this code out, sign by sign:
people-invite-command = They run at the new device, and type the code there:
people-invite-file = Without a line to the hub, have them run it without `--code`: the request that it prints is carried by hand, to `callsign desk admit`.
people-invite-compare = Speak with the person at the new device, whose voice you know. Do they read out these six words, in this order?
people-invite-sure = I have heard the same six words, from the person whose device it is
people-invite-admit = They read the same words: admit
people-invite-differ = They differ: stop
people-invite-stop = Stop this invitation
people-invite-leave = Leave this invitation
people-invite-stop-what = Nobody comes in by it any more.

people-kit = { $number ->
    [one] Where all devices of the desk are lost, all cases are lost, and this desk has one device alone.
   *[other] Where all devices of the desk are lost, all cases are lost; this desk has { $number }.
} A recovery kit on paper brings back its name and the fingerprint that callers know, and no case: `callsign desk kit` writes one on this device, which has the identity.

people-shut-out = Lost or stolen: shut it out
people-shut-out-reads = Device { $device } reads and writes nothing that comes later, for good: to come back it has to join anew. What it has read already it keeps.
people-shut-out-forged = Calls of the next three days that are proven for a key that it knows are marked as “may be forged”, those of honest callers too: make sure of their senders.
people-shut-out-alone = No other device is left out with it.
people-shut-out-others = **Left out with it, because they are not ready: { $devices }.** They have to join anew. To keep them, have the desk program run here and there until this page calls them ready.
people-shut-out-identity = **It has the desk's identity**, and can be the desk for as long as callers know that one: the keeper of the identity makes another with `callsign desk identity succeed`, and tells callers.
people-shut-out-sure = I mean device { $device }
people-shut-out-button = Shut it out now
people-duty-here = This device has the identity and replaces the duty key at once.
people-duty-device = Another device with the identity replaces the duty key with its next beat.
people-duty-keeper = It still knows the duty key in use: whoever keeps the identity has to certify a new one at once, with `callsign desk identity certify`.

people-said-added = They belong to the desk now. To let their device in, invite it below.
people-said-admitted = The device belongs to the desk now, and reads all that the desk has kept. The steps at the other side end by themselves.
people-said-stopped = The invitation is ended, and nobody comes in by it.
people-said-given = The device belongs to another person now.
people-said-left = They have left, and nothing that their devices write counts any more. Those devices still read what comes in: shut them out below.
people-said-roles = Their roles are set. The others see that within a minute.

people-refused = Nothing was done: { $error }.
people-refused-kept = It is kept on this computer and not in the log yet: { $error }. It goes there by itself once the hub answers; you need not do it again.
people-refused-no-role = Nothing was done: tick one role at least; without any they could do nothing.
people-refused-not-compared = Nobody was admitted: speak with the person at the new device, and tick the box once you have heard the same six words.
people-refused-not-sure = Nothing was done: tick the box that says that you mean this device.
people-refused-other-name = Nothing was done: what you typed is not their pseudonym; type it as it stands there.

people-steps-title = Shutting out a device
people-steps-done = Device { $device } is shut out
people-steps-not-done = Device { $device } is not shut out yet
people-steps-count = **Steps done: { $number } of 5.**
people-steps-took = From your click until the hub refused it: { $span }.
people-step-done = Done
people-step-to-do = To do
people-step-log = The log says so: nothing that the device writes counts any more.
people-step-keyring = The new keyring is at the hub: the hub refuses the device.
people-step-keyring-open = The new keyring is not at the hub yet, and the hub still answers the device. It goes there by itself with this device's next beat.
people-step-keys = Answers and the log have new keys, which the device does not get.
people-step-duty = The duty key is certified anew: hub and devices refuse what is signed with the one that it knows.
people-step-duty-device = It still knows the duty key in use. A device with the identity replaces that with its next beat.
people-step-duty-keeper = It still knows the duty key in use. Whoever keeps the identity has to certify a new one at once: `callsign desk identity certify`
people-step-notice = Callers get a notice with the new answer key: what is sealed from now on it cannot open.
people-step-notice-open = Callers still get the notice of before. The next one goes out by itself with this device's next beat.
people-steps-alone = No other device was left out.
people-steps-others = **Left out with it, because they were not ready: { $devices }.** Where they are to work on, have them join anew, with `callsign desk join` in a new directory.
people-steps-identity = It had the desk's identity, and can be the desk for as long as callers know that one: the keeper of the identity makes another with `callsign desk identity succeed`, and tells callers.
people-steps-deceivable = Until the end of { $day }, a device that was removed or left out can sign notices in the desk's name, and a hub that helps it can show them to callers.
people-steps-back = Back to the people
people-under-a-second = under a second
people-seconds = { $number ->
    [one] { $number } second
   *[other] { $number } seconds
}
