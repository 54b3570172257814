# Acts, holds and evidence. Lengths and times arrive as ready text; numbers as numbers.
nav-title = Sections
nav-exams = Exams
nav-acts = Acts
nav-holds = Holds
nav-registrar = Annulments
nav-audit = Audit log
cancel = Cancel
working = Working…
error-failed = That did not work: { $message }
people-title = Students and rooms
recording-held-only = The footage has expired. Only what is under hold can still be watched.

collect-title = Evidence for an act
collect-mark-in = Mark beginning
collect-mark-out = Mark end
collect-in = Beginning
collect-out = End
collect-clear = Clear
collect-too-long = An act cites at most 2 hours at a time. Shorten the range, or cite several.
collect-still = Take a still
collect-stills = { $count ->
    [one] { $count } still
   *[other] { $count } stills
}
collect-still-unsigned = This picture is not yet signed by the device. Try again in a few seconds.
collect-strip = Stills taken
collect-hint = Mark beginning and end of what you saw. Stills stay in this tab until they are sealed into an act; locking the key drops them.
collect-hint-ready = The range goes into the act and is put under hold at once.
still-at = Still at { $time }
still-remove = Remove the still at { $time }
stills-arriving = { $count ->
    [one] Sealing { $count } still into the act…
   *[other] Sealing { $count } stills into the act…
}
timeline-held-pending = hold: being set up
timeline-held-effective = hold: in force

draw-up = Draw up an act
draw-up-on-the-spot = Draw up an act on the spot
draw-up-open = Open the draft
draw-up-add = Add to the draft
draw-up-kind = Kind of act
draw-up-whom = Whom it concerns
draw-up-nobody = The room as a whole
draw-up-choose = Choose…
draw-up-into = Where it goes
draw-up-new = A new act
draw-up-no-form = Your role may not draft any kind of act.
draw-up-cites = Cites { $who }, { $from } to { $to }.
draw-up-cites-nothing = No range is marked; footage can be cited later.
draw-up-stills = { $count ->
    [one] { $count } still goes with it.
   *[other] { $count } stills go with it.
}
draw-up-hold-hint = Opening the draft puts the marked range under hold at once.
draw-up-later-hint = Footage can be added to the draft later, from the player.

acts-title = Acts
acts-none = There are no such acts.
acts-count = { $count ->
    [one] { $count } act
   *[other] { $count } acts
}
acts-own-hint = You see the acts that you drew up or are asked to sign.
acts-yours-count = { $count ->
    [one] { $count } act waits for your signature
   *[other] { $count } acts wait for your signature
}
acts-yours-show = Show
acts-filter-state = State
acts-filter-kind = Kind
acts-filter-any-kind = Any
acts-filter-open = Open
acts-filter-yours = Yours to sign
acts-filter-all = All
act-state-draft = draft
act-state-for-signature = for signature
act-state-signed = signed
act-state-passed-on = with the commission
act-state-grade-cancelled = grade cancelled
act-state-discarded = discarded
act-state-long-draft = Draft
act-state-long-for-signature = For signature
act-state-long-signed = Signed: nothing in it changes any more
act-state-long-passed-on = With the commission’s responsible member
act-state-long-grade-cancelled = The grade has been cancelled
act-state-long-discarded = Discarded: its personal data has been destroyed
act-no-number = Draft
act-number-later = No number yet
act-no-form = The form “{ $kind }” of this act is not known to the server.
act-language = Language of the text
act-yours = yours to sign
act-revoked = revoked
act-corrected = corrected
act-repeated-short = repeated: Ethics Council
act-repeated = A repeated violation goes to the Council of the Faculty for Ethics (1.18).
act-earlier = { $count ->
    [one] { $count } earlier act:
   *[other] { $count } earlier acts:
}
act-open-other = open the act
act-corrects = This act corrects an earlier one:
act-revokes = This act revokes an earlier one:
act-supplements = This act supplements an earlier one:
act-by-corrects = Corrected by a later act:
act-by-revokes = Revoked by a later act:
act-by-supplements = Supplemented by a later act:
act-discarded-note = Reason: { $note }
act-returned = Sent back to draft by { $who }, { $when }: { $note }
act-drawn-up = Drawn up by { $who } on { $date }.
act-drawn-up-by = Drawn up by: { $who }, { $capacity }
act-signatures = Signatures: { $given } of { $needed }.
act-staff-access = Reports on staff are shown to their own readers only.
act-document = Document:
act-preview = Look at the draft as a document:
act-check-page = Public check page
countdown-left = { $days } d { $hours } h left
countdown-minutes = { $minutes } min left
countdown-over = too late
countdown-until = The grade can be cancelled until { $until }. The confirmed cancellation counts, not the draft.
countdown-was = The grade could be cancelled until { $until }.

save-saved = Saved
save-waiting = Not saved yet
save-saving = Saving…
save-offline = No connection: your text is kept here and saved as soon as the server answers
save-signed-out = Signed out: your text is kept here until you sign in again
save-conflict = Conflict: choose below
save-refused = The server does not accept this:
save-closed = Somebody has closed this draft
save-now = Save now
draft-not-saved = First everything has to be saved; look at the state at the top.
draft-leave = Something you typed could not be saved yet. Sign out all the same?
draft-taken = Changed by somebody else meanwhile and taken over: { $fields }.
draft-stranded = What you typed could not go into the draft any more. Copy it before you leave.
draft-stranded-text = Your text
draft-stranded-done = I do not need it any more
draft-unsaved-elsewhere = { $count ->
    [one] { $count } draft has words that are not saved yet:
   *[other] { $count } drafts have words that are not saved yet:
}
clash-title = Two people changed the same
clash-lead = Nothing has been overwritten. Choose for each what is to stand.
clash-mine = Your version
clash-theirs = The other version
clash-keep-mine = Keep yours
clash-take-theirs = Take the other
clash-keep-both = Keep both, one after the other
clash-empty = (empty)
clash-language = Language of the text
clash-capacity = In which capacity
clash-points = Points violated
clash-evidence = Footage
clash-signatories = Signatories
clash-post = Post of { $login }
clash-other = Another part of the act

field-required = required
field-chars = { $used } of { $most } characters
answer-yes = Yes
answer-no = No
person-name = Name of person { $number }
person-post = Post of person { $number }
person-name-short = Name
person-post-short = Post
person-add = Add a person
person-remove = Remove person { $number }
drawn-up-title = Who draws it up
drawn-up-capacity = { $name } draws it up as
points-title = Points violated
aids-title = Permitted, no violation
evidence-title = Footage cited
evidence-none = No footage is cited.
evidence-watch = Watch
evidence-remove = Remove { $range }
evidence-add = Open the player
evidence-add-hint = to mark another range and add it to this draft.
attachments-title = Stills and papers
attachments-none = Nothing is attached.
attachments-locked = The pictures open only with the review key.
attachment-sealed = sealed
attachment-save = Open and save
attachment-remove = Remove { $name }
attachment-kind-still = Stills
attachment-kind-annex = Annex of stills
attachment-kind-scan = Scan
scan-add = Scan of the paper signed on the spot (PDF, JPEG, PNG)
scan-hint = At most 32 MB. It is encrypted in this browser before it is sent.
scan-wrong-kind = Choose a PDF, JPEG or PNG file.
signers-title = Signatories
signers-hint = { $least } to { $most } people, each with an own account and password.
signer-post = Post in the act
signer-who = Person
signer-choose = Choose…
signer-nobody = Nobody else may sign this kind of act
signer-add = Add
signer-remove = Remove { $name }
problems-title = { $count ->
    [one] Before signing: { $count } thing is missing or wrong
   *[other] Before signing: { $count } things are missing or wrong
}
problem-missing = not filled in
problem-too-long = too long
problem-bad-date = not a date
problem-bad-choice = choose one
problem-bad-person = a name and a post for each person
problem-bad-character = contains a character that a document cannot show
problem-repeated = named twice
problem-growing = still being recorded or uploaded
problem-not-held = not kept any more: take it out of the act
problem-still-not-cited = a still shows a moment that is not cited: cite it, or take the still out
problem-too-much-footage = more footage than fits into one evidence bundle: cite less, or draw up a second act
problem-unknown = not in the form
problem-too-few = too few
problem-too-many = too many
problem-other = not right
place-points = Points violated
place-signatories = Signatories
place-evidence = Footage cited
place-capacity = Who draws it up

finish-title = Finish the draft
finish-send = Send for signature
finish-annex = The annex of stills is made, sealed and attached in this browser before the act goes for signature.
discard = Discard the draft…
discard-title = Discard the draft
discard-do = Discard for good
discard-what = Its text, stills and scans are destroyed, its holds end. That cannot be undone.
discard-note = Reason, without names
unlock-first = The review key is needed
unlock-first-why = Pictures and footage are encrypted; only the review key opens them.
step-sign = Sign
step-back-to-draft = Back to draft
step-pass-on = Pass on to the commission
step-cancel-grade = Confirm that the grade is cancelled
step-correct = Correct, supplement or revoke
step-bundle = Make an evidence bundle
step-discard = Discard
sign-lead = You confirm the act as it is shown on this page.
sign-content = Digest of the content:
sign-last = Yours is the last signature: with it the act gets its number and nothing in it can be changed any more.
sign-password = Your password
back-what = The signatures given so far become void.
back-note = Why it goes back
pass-on-lead = The act goes to the commission’s responsible member (10.4).
cancel-grade-lead = Confirm only after the grade has been cancelled in the university’s records.
cancel-grade-when = When it was cancelled
cancel-grade-routing = Document-routing number or order, if any
cancel-grade-do = Confirm
correct-lead = A signed act stays as it is. A new act is drawn up that refers to it.
correct-filled-in = The draft begins with the text of this act; footage that it cites is cited again, except in a revocation.
correct-without-role = The draft begins with the text of this act, without its footage: your role does not cite any. IT staff or the board can add it.
correct-without-late = The time for cancelling a grade from recordings is over: the draft opens with the text of this act, without its footage.
correct-without-gone = The footage that this act cites has expired: the draft opens with the text of this act, without footage.
correct-relation = The new act
relation-corrects = corrects this one
relation-supplements = supplements this one
relation-revokes = revokes this one
bundle-lead = One ZIP file with the cited footage as it was recorded, its keys, signatures, receipts, the act and a playable video. It proves itself without this server.
bundle-receiver = For whom
bundle-receiver-hint = Its making is entered in the act’s log.
seal-for = Encrypted
seal-none = No
seal-keys = For the receiver’s age key
seal-passphrase = With a passphrase
seal-none-hint = Anybody who gets the file can watch the footage: hand it over in person.
seal-keys-hint = Only whoever has the secret key can open it, with any age program. Ask the receiver for the public key; for several receivers, one key a line.
seal-passphrase-hint = Only whoever knows the passphrase can open it, with any age program. At least 12 characters; the university does not keep it.
seal-keys-label = Receiver’s public key
seal-passphrase-label = Passphrase
seal-passphrase-new = Make another
seal-passphrase-once = The passphrase is shown for the last time. Tell it to the receiver by another way than the file: by telephone or in person.
copy = Copy
copied = Copied.
copy-failed = The browser did not copy it. Mark the text and copy it by hand.
bundle-make = Make the bundle
bundle-done = Evidence bundle
bundle-ready = { $files ->
    [one] The bundle is ready: { $files } file, { $mb } MB.
   *[other] The bundle is ready: { $files } files, { $mb } MB.
}
bundle-save-again = Save the file
bundle-check = To check it on any computer:
bundle-open = To open it with an age program:
sheet-decision = Decision
sheet-signatures = Signatures
sheet-signed = Signed
sheet-not-signed = not yet
history-title = What happened
event-drafted = Draft opened
event-signature = Signature
event-signed = The act stands: { $number }
event-passed-on = Passed on to the commission
event-grade-cancelled = Grade cancelled
event-document = Document made
event-bundle = Evidence bundle made
event-other = Entry in the log

refusal-too-late = Too late: the grade could be cancelled until { $date } ({ $rule }).
refusal-incomplete = The act is not complete: see the list above.
refusal-wrong-password = The password is not right.
refusal-content-changed = The act was changed meanwhile. Read it again before you sign.
refusal-changed-meanwhile = Somebody changed the act meanwhile. Look at it and try again.
refusal-wrong-state = The act is no longer in the state for this.
refusal-signed-already = You have already signed this act.
refusal-bad-evidence = The cited footage cannot be used: { $message }
refusal-forbidden = Your role or the state of the act does not allow this.
refusal-too-many-uploads = Too many files are being uploaded at once. Send this one again when another is done.
refusal-upload-stalled = Nothing came for half a minute, so the upload was given up. Send the file again.
refusal-disk-full = The server’s disk is nearly full, so the file was not taken. Tell the IT staff.
progress-keys = Opening keys…
progress-fetching = Fetching…
progress-sealing = Encrypting…
progress-checking = Checking…
progress-video = Making the video…
progress-documents = Making documents…
progress-packing = Packing…
evidence-foreign-key = A key to encrypt to is not certified by the university. Tell an administrator.
evidence-institution = The keys belong to another institution.
evidence-not-recipient = Your review key does not open this.
evidence-expired = The keys of this footage are gone: it has expired or the hold has ended.
evidence-growing = Parts of the range are still being recorded or uploaded. Try again later.
evidence-not-confirmed = The server gave back something else than it was given. Tell an administrator.
evidence-differs = Something differs from what the act names: { $message }
evidence-too-large = The file is larger than 32 MB.
evidence-bundle-too-large = The bundle would be too large: it has at most 400 files and stays below 4 GB.
evidence-empty = The file is empty.
evidence-no-picture = The player shows no picture here.
evidence-font = A font for the annex could not be loaded. Try again.
evidence-recipient = Not an age key: { $message }. Expected: age1 and 58 more letters and digits, exactly as the receiver gave it.
evidence-no-recipient = Enter the receiver’s key.
evidence-secret-key = This is a secret key, which only its owner may have. Ask the receiver for the public key: it begins with age1.
evidence-short-passphrase = The passphrase is too short: at least 12 characters.

holds-title = Holds
holds-none = There are no such holds.
hold-put = Put under hold
hold-put-done = The footage is under hold
hold-state-pending = hold: being set up
hold-state-effective = hold: in force
hold-state-released = released
hold-state-hint = Footage under hold outlives its month until the hold is released. A hold is being set up until a reviewer’s browser has sealed the keys of just the cited segments; till then more is kept than cited.
hold-covers = The hold covers the whole segments of the range and nothing else.
hold-growing = { $count ->
    [one] { $count } segment has not arrived in full; an act names only what has
   *[other] { $count } segments have not arrived in full; an act names only what has
}
hold-over-retention = expired: more is kept than cited until it is sealed
hold-seal = Seal now
hold-needs-key = needs the review key
hold-reason = Reason
hold-reason-act = Act
hold-reason-appeal = Appeal
hold-reason-other = Another reason
hold-note = In words
hold-nothing-left = Nothing of this range can be read any more.
hold-recording = A recording
hold-exam = Exam
hold-range = Range
hold-covered = Covered
hold-segments = { $count ->
    [one] { $count } segment, { $mb } MB
   *[other] { $count } segments, { $mb } MB
}
hold-opened = Opened
hold-released = Released
hold-release = Release the hold
hold-release-what = The ordinary rule acts at once: footage past its month is destroyed.
hold-release-note = Why
released-the-draft-was-discarded = the draft was discarded
released-the-grade-is-cancelled = the grade is cancelled
released-the-act-was-revoked = the act was revoked
released-the-act-was-corrected = the act was corrected
released-the-act-was-passed-on = the act was passed on
released-too-late-to-cancel-the-grade = too late to cancel the grade
released-too-late-to-sign = too late to sign
released-no-longer-cited-by-the-act = no longer cited by the act
hold-needed = An open act needs this hold. Discard or close the act first.

registrar-title = Annulments
registrar-lead = Signed acts for the transcript (1.20).
registrar-from = Signed from
registrar-to = to
registrar-csv = Download CSV
registrar-json = Download JSON
registrar-wrong = Choose two days, the first not after the second.
registrar-count = { $count ->
    [one] { $count } act
   *[other] { $count } acts
}
registrar-number = Act
registrar-student = Student
registrar-exam = Exam
registrar-points = Points
registrar-signed = Signed
registrar-cancelled = Grade cancelled
registrar-not-cancelled = not confirmed
registrar-revoked = revoked by { $number }
registrar-corrected = corrected by { $number }
audit-title = Audit log
audit-lead = Who did what to what, when. Each entry names the digest of the one before; names of people are not in it.
audit-filter = Find
audit-count = { $count ->
    [one] { $count } entry
   *[other] { $count } entries
}
audit-more = Later entries
audit-number = No.
audit-when = When
audit-who = Who
audit-action = Action
audit-object = What
audit-detail = Details
