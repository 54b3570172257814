# Қарау беті. Ұзақтық пен уақыт дайын мәтін болып, сандар сан болып келеді.
app-name = Invigil
app-title = Емтихан бейнежазбаларын қарау
skip-to-content = Мазмұнға өту
language = Тіл
loading = Жүктелуде…
back = Артқа
close = Жабу
retry = Қайталау
sign-out = Шығу
signed-in-as = Кірген: { $name }, { $role }
role-reviewer = жазбаларды қараушы
role-board = комиссия мүшесі
role-registrar = тіркеуші офис
role-invigilator = кезекші оқытушы
role-admin = әкімші
role-auditor = аудитор
role-unknown = қызметкер

login-title = Кіру
login-lead = Емтихан бейнежазбаларын қарайтын университет қызметкерлеріне арналған.
login-name = Логин
login-password = Құпиясөз
login-submit = Кіру
login-busy = Кіруде…
login-wrong = Логин немесе құпиясөз қате.
login-too-many = Әрекет тым көп. { $seconds ->
    [one] { $seconds } секундтан
   *[other] { $seconds } секундтан
} кейін қайталаңыз.
error-offline = Сервер жауап бермейді. Байланысты тексеріңіз; бет әрекетті жалғастырып жатыр.
error-signed-out = Сеанс аяқталды. Қайта кіріңіз.
error-forbidden = Сіздің рөліңіз мұны қарауға рұқсат бермейді.
error-expired = Сақтау мерзімі бітті, жазбаны енді оқу мүмкін емес.
error-keys = Бұл жазбаның кілттеріне сенуге болмайды: { $message }
error-other = Орындалмады (қате { $status }). Қайталап көріңіз.
browser-lacks = Бұл браузер жазбаларды аша алмайды: онда { $features } жоқ. Chromium, Firefox немесе Safari браузерінің соңғы нұсқасы керек.

exams-title = Емтихандар
exams-none = Әзірге емтихан жоқ.
exam-discipline = Пән
exam-window = Емтихан уақыты
exam-expires = Жазбалардың сақталу мерзімі
exam-policy = Ережелер
exam-recordings = { $count ->
    [one] { $count } жазба
   *[other] { $count } жазба
}
exam-flagged = { $count ->
    [one] { $count } жазба шешім күтуде
   *[other] { $count } жазба шешім күтуде
}
exam-state-coming = басталған жоқ
exam-state-running = өтіп жатыр
exam-state-over = аяқталды
exam-state-expired = сақтау мерзімі бітті
recordings-title = Жазбалар
recordings-none = Бұл емтиханға әзірге ешкім қосылмаған.
recording-kind-candidate = Студент
recording-kind-room = Аудитория
recording-state-waiting = басталуын күтуде
recording-state-recording = жазылып жатыр
recording-state-offline = байланыс жоқ
recording-state-finished = аяқталды
recording-state-expired = сақтау мерзімі бітті
recording-recorded = Жазылғаны
recording-size = Көлемі
recording-last-contact = Соңғы байланыс
recording-outages = Байланыс үзілуі
recording-ended = Аяқталды
never = болған жоқ
length-minutes = { $count } мин
length-seconds = { $count } с
size-mb = { $mb } МБ

collected-do = Жұмыстар жиналды
collected-title = { $room }: жұмыстар жиналды ма?
collected-explain = Бұл аудиторияның жазбасы қазір аяқталады, оны жалғастыруға болмайды. Жазылғаны сақталады. Ешкім жазып отырмағанда және барлық жұмыс жиналғанда ғана растаңыз.
collected-noted = Кім растағаны жазып қойылады.
collected-confirm = Иә, жазбаны аяқтау
collected-asked = Емтиханның кесте бойынша уақыты бітті. Аудитория компьютері { $time } бастап жұмыстар жиналды ма деп сұрап тұр; біреу растағанша жазба жүре береді.
collected-already = Бұл жазба бұрын аяқталған.
collected-not-begun = Бұл емтихан әлі жазылған жоқ, аяқтайтын ештеңе жоқ.
collected-waiting = Растау қабылданды. Аудитория компьютері бұл туралы білген бойда жазбаны аяқтайды.

finding-title = Қорытынды
finding-none = Шектен ({ $threshold }) ұзақ байланыс үзілуі жоқ.
finding-retake = Байланыс үзілуі шектен ({ $threshold }) ұзақ: ауызша қайта тапсыру мүмкіндігін беру керек.
finding-retake-deadline = Соңғы мерзімі — { $deadline }.
finding-near-miss = Ұзақтығы шекке ({ $threshold }) жақын: шешімді жауапты адам қабылдайды.
finding-could-not-join = Емтиханға қосыла алмады: шешімді жауапты адам қабылдайды.
finding-server-outage = Өз серверіміз істемей қалды: бұл ешкімнің пайдасына да, зиянына да есептелмейді; шешімді жауапты адам қабылдайды.
finding-other = Бұл жазбаны жауапты адам қарауы керек.
finding-provisional = Алдын ала қорытынды: құрылғы журналы келгенше өзгеруі мүмкін.
finding-longest = Емтихан уақытындағы ең ұзақ үзіліс: { $lower } мен { $upper } аралығында.
finding-total = Барлығын қосқанда: ең көбі { $total }.
finding-source = Негізі: { $source }

unlock-title = Бейнежазбаны ашу
unlock-lead = Жазбалар шифрланған. Қарау кілті тек осы браузерде ашылады, оны құлыптағанда немесе қойындыны жапқанда жадтан өшіріледі.
unlock-passphrase = Қарау кілтінің құпия фразасы
unlock-submit = Ашу
unlock-busy = Қарау кілті ашылуда…
unlock-wrong = Бұл құпия фраза сіздің қарау кілтіңізге сәйкес келмейді.
unlock-none = Сізге қарау кілті берілмеген. Әкімшіге хабарласыңыз.
unlock-failed = Қарау кілтін ашу мүмкін болмады: { $message }
lock = Құлыптау
locks-soon = Әрекет болмаса, { $seconds } с кейін құлыпталады
unlocked = Кілт ашық
institution = Университет кілті
institution-hint = Оны университет жариялаған кілт таңбасымен салыстырыңыз.
institution-changed = Университет кілті осы компьютерден соңғы рет кіргендегіден басқа. Жалғастырмас бұрын кілт таңбасын салыстырыңыз.
institution-accept = Таңба дұрыс, жалғастыру

player-title = Қарау
player-video = Бейнежазба: { $who }
player-play = Ойнату
player-pause = Кідірту
player-back = 10 секунд артқа
player-forward = 10 секунд алға
player-speed = Жылдамдық
player-track = Көз
player-mute = Дыбысты өшіру
player-volume = Дыбыс деңгейі
player-volume-value = { $percent } %
player-sound-only = { $track }: тек дыбыс
player-sound-unsupported = Бұл браузер жазбаның дыбысын ойната алмайды ({ $codec }); бейне дыбыссыз көрсетіледі. Заманауи Chromium, Firefox немесе Safari қолданыңыз.
player-sound-too-fast = { $rate }× жылдамдықтан жоғарыда дыбыс жоқ.
player-live = Тікелей
player-live-hint = Соңғы кадрларды бақылау
player-fullscreen = Толық экран
player-go-to = Уақытқа өту
player-go = Өту
player-go-wrong = Тәулік уақытын жазыңыз, мысалы { $example }.
player-auto-jump = Жазба жоқ жерлерді аттап өту
player-waiting = Жазба күтілуде…
player-checking = Тексеріліп, шифры ашылуда…
player-no-footage = Әзірге бейнежазба жоқ.
player-gap = Бұл жерде жазба жоқ: { $cause }
player-gap-jump = { $time } уақытынан жалғастыру
player-gap-end = Осы сәттен кейін жазба жоқ.
player-gap-wait = Жаңа кадрлар әлі келген жоқ.
player-jumped = { $length } аттап өтілді ({ $from }–{ $to }): { $cause }
player-unsigned = Құрылғы әлі қол қоймаған
player-unsupported = Бұл браузер жазбаның пішімін ойната алмайды ({ $codec }).
player-damaged = Зақымдалған жазба
player-damage = { $track } көзінің { $segment }-сегменті, { $from }–{ $to }: { $fault }
player-verified = Басынан бастап тексерілген сегменттер: { $total } ішінен { $checked }; қалғандары қарау кезінде тексеріледі.
player-certificates = { $count ->
    [one] Бұл жазбаның { $count } сертификаты жарамсыз.
   *[other] Бұл жазбаның { $count } сертификаты жарамсыз.
}
player-keys = Пернелер: бос орын немесе K — ойнату мен кідірту, J және L — 10 секунд, көрсеткілер — 5 секунд, Shift пен көрсеткілер — 1 минут, Home және End — басы мен соңғы кадрлар, < және > — жылдамдық, M — дыбысты өшіру, + пен − — дыбыс деңгейі, I мен O — басы мен соңын белгілеу, S — кадр алу, F — толық экран.
player-position = { $time }

timeline-title = Уақыт шкаласы
timeline-slider = Емтихан шкаласындағы орын
timeline-zoom-in = Үлкейту
timeline-zoom-out = Кішірейту
timeline-zoom-all = Бүкіл емтихан
timeline-footage = жазба бар
timeline-sound = дыбыс
timeline-missing = жазба жоқ
timeline-outage = байланыс үзілуі: анық
timeline-outage-upper = байланыс үзілуі: мүмкін
timeline-damaged = зақымдалған
timeline-now = қазір
timeline-start = басы
timeline-end = соңы
timeline-expiry = сақтау мерзімінің соңы
timeline-deadline = қайта тапсыру мерзімі
timeline-legend = Шкала белгілері
timeline-zone = Уақыт { $zone }
table-title = Уақыт шкаласы кесте түрінде
table-what = Оқиға
table-from = Басы
table-to = Соңы
table-length = Ұзақтығы
table-details = Толығырақ
table-ongoing = жалғасуда
table-outage = Байланыс үзілуі: { $cause }
table-outage-bounds = { $lower } мен { $upper } аралығында
table-outage-upper = ең көбі { $upper }; құрылғы журналы әлі келген жоқ
table-outage-counted = емтихан уақытында: { $counted }
table-window = Емтихан уақыты

conditions-title = Қазір назар аудару керек
conditions-computer = компьютер
conditions-since = { $time } бастап
condition-camera-lost = көрініс жоқ
condition-microphone-lost = дыбыс жазылмай тұр
condition-dark = көрініс тым қараңғы
condition-covered = камера жабылған
condition-frozen = көрініс өзгермейді
condition-silent = мүлде дыбыс жоқ
condition-low-disk = диск толуға жақын
condition-slow-disk = диск тым баяу
condition-cpu = процессор үлгермейді
condition-other = басқа

cause-not-joined = қосылмаған
cause-agent-stopped = жазу бағдарламасы тоқтатылған
cause-power-or-reboot = электр өшкен немесе компьютер қайта қосылған
cause-suspended = компьютер ұйқы режимінде болған
cause-camera-lost = камера жоғалған
cause-microphone-lost = микрофон жоғалған
cause-capture-paused = жазу тоқтатылды: дискіде орын жоқ немесе диск істен шықты
cause-computer-too-busy = компьютер тым жүктелген болды: процессор немесе диск үлгермеді
cause-not-yet-uploaded = серверге әлі жіберілмеген
cause-unknown = себебі белгісіз
cause-damaged = жазба зақымдалған
cause-other-track = бұл камерада көрініс жоқ, басқасында бар
cause-only-sound = бұл жерде ешбір камерада бейне жоқ, бірақ дыбыс бар; оны көз ретінде таңдаңыз
cause-link = байланыс жоғалған
cause-server = өз серверіміздің ақауы
cause-never-joined = мүлде қосылмаған

fault-malformed = оқылмайды
fault-statement-signature = құжаттың қолтаңбасы дұрыс емес
fault-certificate = кілтті университет растамаған
fault-key-record = кілт туралы жазба ашылмайды немесе түпнұсқа емес
fault-commitment = басқа кілтпен шифрланған
fault-not-opened = деректер өзгертілген (криптографиялық қорғанысы бұзылған)
fault-header = тақырыбы осы жазбаның кілттеріне сәйкес емес
fault-chain = деректер өзгертілген, қиып алынған немесе орны ауыстырылған
fault-order = бөліктердің реті бұзылған
fault-signature = құрылғының қолтаңбасы дұрыс емес
fault-unsigned = құрылғының қолтаңбасымен расталмаған
fault-closing = қорытынды жазбасы сәйкес келмейді
fault-truncated = соңы жоқ
fault-wrong-segment = басқа сегмент жіберілген
fault-cut-out = алдындағы бөлігі алып тасталған
fault-beacon = сервердің уақыт белгісі дұрыс емес
fault-index = сервердегі үзінділер тізімі (орны немесе уақыты) құрылғы жазғанға сәйкес емес
fault-decode = бейнені немесе дыбысты декодтау мүмкін емес
