# Review page. Lengths and times arrive as ready text; numbers as numbers.
app-name = Invigil
app-title = Exam footage review
skip-to-content = Skip to content
language = Language
loading = Loading…
back = Back
close = Close
retry = Try again
sign-out = Sign out
signed-in-as = Signed in: { $name }, { $role }
role-reviewer = reviewer
role-board = board member
role-registrar = registrar
role-invigilator = invigilator
role-admin = administrator
role-auditor = auditor
role-unknown = staff

login-title = Sign in
login-lead = For university staff who review exam footage.
login-name = Login
login-password = Password
login-submit = Sign in
login-busy = Signing in…
login-wrong = Login or password is not right.
login-too-many = Too many attempts. Try again in { $seconds ->
    [one] { $seconds } second
   *[other] { $seconds } seconds
}.
error-offline = The server does not answer. Check the connection; the page keeps trying.
error-signed-out = You have been signed out. Sign in again.
error-forbidden = Your role does not allow you to see this.
error-expired = This footage has expired and can no longer be read.
error-keys = The keys of this recording cannot be trusted: { $message }
error-other = That did not work (error { $status }). Try again.
browser-lacks = This browser cannot open footage: it lacks { $features }. Use a current Chromium, Firefox or Safari.

exams-title = Exams
exams-none = There are no exams yet.
exam-discipline = Discipline
exam-window = Window
exam-expires = Footage readable until
exam-policy = Rules
exam-recordings = { $count ->
    [one] { $count } recording
   *[other] { $count } recordings
}
exam-flagged = { $count ->
    [one] { $count } needs a decision
   *[other] { $count } need a decision
}
exam-state-coming = not started
exam-state-running = running
exam-state-over = over
exam-state-expired = footage expired
recordings-title = Recordings
recordings-none = Nobody has been added to this exam yet.
recording-kind-candidate = Student
recording-kind-room = Room
recording-state-waiting = waiting to start
recording-state-recording = recording
recording-state-offline = no contact
recording-state-finished = finished
recording-state-expired = footage expired
recording-recorded = Recorded
recording-size = Size
recording-last-contact = Last contact
recording-outages = Disconnects
recording-ended = Ended
never = never
length-minutes = { $count } min
length-seconds = { $count } s
size-mb = { $mb } MB

collected-do = The papers are collected
collected-title = Are the papers of { $room } collected?
collected-explain = The recording of this room ends now and cannot be resumed. What was recorded is kept. Say so only when nobody writes any more and every paper has been collected.
collected-noted = It is noted who said so.
collected-confirm = Yes, end the recording
collected-asked = The scheduled end has passed. Since { $time } the room's computer asks whether the papers are collected; it records until somebody says so.
collected-already = This recording has ended already.
collected-not-begun = Nothing of this exam has been recorded yet, so there is nothing to end.
collected-waiting = It was noted. The room's computer ends the recording as soon as it hears of it.

finding-title = Finding
finding-none = No disconnect longer than the threshold ({ $threshold }).
finding-retake = Disconnect longer than the threshold ({ $threshold }): an oral retake is to be offered.
finding-retake-deadline = Offer it before { $deadline }.
finding-near-miss = Close to the threshold ({ $threshold }): a person has to decide.
finding-could-not-join = Could not join the exam: a person has to decide.
finding-server-outage = Our own server was down: this counts neither for nor against anybody; a person has to decide.
finding-other = A person has to look at this recording.
finding-provisional = Provisional: it may change until the device's journal has arrived.
finding-longest = Longest disconnect in the window: between { $lower } and { $upper }.
finding-total = All together: at most { $total }.
finding-source = Rule: { $source }

unlock-title = Unlock the footage
unlock-lead = Footage is encrypted. The review key is opened in this browser only and is forgotten when you lock it or close the tab.
unlock-passphrase = Passphrase of your review key
unlock-submit = Unlock
unlock-busy = Opening the review key…
unlock-wrong = This passphrase does not open your review key.
unlock-none = No review key has been given to you. Ask an administrator.
unlock-failed = The review key could not be opened: { $message }
lock = Lock
locks-soon = Locks in { $seconds } s without input
unlocked = Unlocked
institution = Institution key
institution-hint = Compare it with the fingerprint that your university publishes.
institution-changed = The institution key is another one than at your last visit on this computer. Compare the fingerprint before you go on.
institution-accept = The fingerprint is right, go on

player-title = Player
player-video = Footage of { $who }
player-play = Play
player-pause = Pause
player-back = Back 10 seconds
player-forward = Forward 10 seconds
player-speed = Speed
player-track = Source
player-mute = Mute
player-volume = Volume
player-volume-value = { $percent } %
player-sound-only = { $track }: sound only
player-sound-unsupported = This browser does not play this recording's sound ({ $codec }); the picture plays without it. Use a current Chromium, Firefox or Safari.
player-sound-too-fast = No sound above { $rate }× speed.
player-live = Live
player-live-hint = Follow the newest footage
player-fullscreen = Full screen
player-go-to = Go to time
player-go = Go
player-go-wrong = Write a time of day such as { $example }.
player-auto-jump = Jump over gaps
player-waiting = Waiting for footage…
player-checking = Verifying and decrypting…
player-no-footage = There is no footage yet.
player-gap = No footage here: { $cause }
player-gap-jump = Go on at { $time }
player-gap-end = No footage after this moment.
player-gap-wait = No newer footage has arrived yet.
player-jumped = Jumped over { $length } ({ $from } to { $to }): { $cause }
player-unsigned = Not yet signed by the device
player-unsupported = This browser does not play the format of this footage ({ $codec }).
player-damaged = Damaged footage
player-damage = Segment { $segment } of { $track }, { $from } to { $to }: { $fault }
player-verified = { $checked } of { $total } segments checked from their beginning; the others are checked when they are played.
player-certificates = { $count ->
    [one] { $count } certificate of this recording does not count.
   *[other] { $count } certificates of this recording do not count.
}
player-keys = Keys: space or K play and pause, J and L 10 seconds, arrows 5 seconds, Shift with arrows 1 minute, Home and End the beginning and the newest footage, < and > speed, M mute, + and − volume, I and O mark beginning and end, S takes a still, F full screen.
player-position = { $time }

timeline-title = Timeline
timeline-slider = Position in the exam
timeline-zoom-in = Zoom in
timeline-zoom-out = Zoom out
timeline-zoom-all = Whole exam
timeline-footage = footage
timeline-sound = sound
timeline-missing = no footage
timeline-outage = disconnect: certain
timeline-outage-upper = disconnect: possible
timeline-damaged = damaged
timeline-now = now
timeline-start = start
timeline-end = end
timeline-expiry = footage expires
timeline-deadline = retake deadline
timeline-legend = Key to the timeline
timeline-zone = Times in { $zone }
table-title = Timeline as a table
table-what = What
table-from = From
table-to = To
table-length = Length
table-details = Details
table-ongoing = going on
table-outage = Disconnect: { $cause }
table-outage-bounds = between { $lower } and { $upper }
table-outage-upper = at most { $upper }; the device's own record has not arrived
table-outage-counted = in the window: { $counted }
table-window = Exam window

conditions-title = Needs attention now
conditions-computer = computer
conditions-since = since { $time }
condition-camera-lost = no picture
condition-microphone-lost = sound is not recorded
condition-dark = picture too dark
condition-covered = picture covered
condition-frozen = picture does not change
condition-silent = no sound at all
condition-low-disk = disk nearly full
condition-slow-disk = disk too slow
condition-cpu = processor does not keep up
condition-other = something else

cause-not-joined = not joined
cause-agent-stopped = recording program stopped
cause-power-or-reboot = power cut or restart
cause-suspended = computer asleep
cause-camera-lost = camera lost
cause-microphone-lost = microphone lost
cause-capture-paused = recording paused: no room on the disk, or the disk failed
cause-computer-too-busy = computer too busy: processor or disk did not keep up
cause-not-yet-uploaded = not yet uploaded
cause-unknown = cause not known
cause-damaged = damaged footage
cause-other-track = this camera has no picture here, another one has
cause-only-sound = no camera has a picture here, but there is sound; choose it as the source
cause-link = connection lost
cause-server = our own server
cause-never-joined = never joined

fault-malformed = not readable
fault-statement-signature = a statement's signature is not right
fault-certificate = the key is not certified by the institution
fault-key-record = the key record does not open or is not authentic
fault-commitment = sealed with another key
fault-not-opened = bytes were changed (the seal is broken)
fault-header = the header does not belong to this recording's keys
fault-chain = bytes were changed, cut out or put in another order
fault-order = parts are in the wrong order
fault-signature = the device's signature is not right
fault-unsigned = no signature of the device covers it
fault-closing = the closing record does not fit
fault-truncated = the end is missing
fault-wrong-segment = another segment was delivered
fault-cut-out = footage before it was taken out
fault-beacon = the server's time mark is not right
fault-index = the server's list of the footage (place or time) is not what the device recorded
fault-decode = picture or sound cannot be decoded
