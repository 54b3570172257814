# Страница просмотра. Длительности и время приходят готовым текстом, числа — числами.
app-name = Invigil
app-title = Просмотр видеозаписей экзаменов
skip-to-content = Перейти к содержанию
language = Язык
loading = Загрузка…
back = Назад
close = Закрыть
retry = Повторить
sign-out = Выйти
signed-in-as = Вход выполнен: { $name }, { $role }
role-reviewer = просмотр записей
role-board = член комиссии
role-registrar = офис-регистратор
role-invigilator = дежурный преподаватель
role-admin = администратор
role-auditor = аудитор
role-unknown = сотрудник

login-title = Вход
login-lead = Для сотрудников университета, которые просматривают видеозаписи экзаменов.
login-name = Логин
login-password = Пароль
login-submit = Войти
login-busy = Выполняется вход…
login-wrong = Неверный логин или пароль.
login-too-many = Слишком много попыток. Повторите через { $seconds ->
    [one] { $seconds } секунду
    [few] { $seconds } секунды
   *[other] { $seconds } секунд
}.
error-offline = Сервер не отвечает. Проверьте соединение; страница продолжает попытки.
error-signed-out = Сеанс завершён. Войдите снова.
error-forbidden = Ваша роль не даёт права на просмотр.
error-expired = Срок хранения истёк, запись больше нельзя прочитать.
error-keys = Ключам этой записи нельзя доверять: { $message }
error-other = Не получилось (ошибка { $status }). Повторите попытку.
browser-lacks = Этот браузер не может открыть записи: в нём нет { $features }. Нужна современная версия Chromium, Firefox или Safari.

exams-title = Экзамены
exams-none = Экзаменов пока нет.
exam-discipline = Дисциплина
exam-window = Время экзамена
exam-expires = Записи доступны до
exam-policy = Правила
exam-recordings = { $count ->
    [one] { $count } запись
    [few] { $count } записи
   *[other] { $count } записей
}
exam-flagged = { $count ->
    [one] { $count } требует решения
    [few] { $count } требуют решения
   *[other] { $count } требуют решения
}
exam-state-coming = не начался
exam-state-running = идёт
exam-state-over = завершён
exam-state-expired = срок хранения истёк
recordings-title = Записи
recordings-none = В этот экзамен пока никто не добавлен.
recording-kind-candidate = Студент
recording-kind-room = Аудитория
recording-state-waiting = ожидает начала
recording-state-recording = идёт запись
recording-state-offline = нет связи
recording-state-finished = завершена
recording-state-expired = срок хранения истёк
recording-recorded = Записано
recording-size = Объём
recording-last-contact = Последняя связь
recording-outages = Обрывы связи
recording-ended = Закончена
never = не было
length-minutes = { $count } мин
length-seconds = { $count } с
size-mb = { $mb } МБ

collected-do = Работы собраны
collected-title = Работы в { $room } собраны?
collected-explain = Запись этой аудитории сейчас закончится, возобновить её нельзя. Уже записанное сохраняется. Подтверждайте, только когда никто больше не пишет и все работы собраны.
collected-noted = Кто это подтвердил, будет записано.
collected-confirm = Да, закончить запись
collected-asked = Время экзамена по расписанию истекло. С { $time } компьютер аудитории спрашивает, собраны ли работы; запись идёт, пока кто-нибудь это не подтвердит.
collected-already = Эта запись уже закончена.
collected-not-begun = Этот экзамен ещё не записывался, заканчивать нечего.
collected-waiting = Подтверждение принято. Компьютер аудитории закончит запись, как только узнает об этом.

finding-title = Заключение
finding-none = Обрывов связи дольше порога ({ $threshold }) нет.
finding-retake = Обрыв связи дольше порога ({ $threshold }): следует предоставить устную пересдачу.
finding-retake-deadline = Предоставить до { $deadline }.
finding-near-miss = Длительность близка к порогу ({ $threshold }): решение принимает ответственное лицо.
finding-could-not-join = Не удалось подключиться к экзамену: решение принимает ответственное лицо.
finding-server-outage = Не работал наш сервер: это не засчитывается ни в чью пользу; решение принимает ответственное лицо.
finding-other = Эту запись должно рассмотреть ответственное лицо.
finding-provisional = Предварительно: может измениться, пока не получен журнал устройства.
finding-longest = Самый долгий обрыв за время экзамена: от { $lower } до { $upper }.
finding-total = В сумме: не более { $total }.
finding-source = Основание: { $source }

unlock-title = Открыть видеозапись
unlock-lead = Записи зашифрованы. Ключ просмотра открывается только в этом браузере и стирается из памяти, когда вы его блокируете или закрываете вкладку.
unlock-passphrase = Парольная фраза ключа просмотра
unlock-submit = Открыть
unlock-busy = Открываем ключ просмотра…
unlock-wrong = Эта парольная фраза не подходит к вашему ключу просмотра.
unlock-none = Вам не выдан ключ просмотра. Обратитесь к администратору.
unlock-failed = Не удалось открыть ключ просмотра: { $message }
lock = Заблокировать
locks-soon = Блокировка через { $seconds } с без действий
unlocked = Ключ открыт
institution = Ключ университета
institution-hint = Сравните его с отпечатком, который публикует ваш университет.
institution-changed = Ключ университета не тот, что при прошлом посещении с этого компьютера. Прежде чем продолжить, сверьте отпечаток.
institution-accept = Отпечаток верный, продолжить

player-title = Просмотр
player-video = Видеозапись: { $who }
player-play = Воспроизвести
player-pause = Пауза
player-back = Назад на 10 секунд
player-forward = Вперёд на 10 секунд
player-speed = Скорость
player-track = Источник
player-mute = Выключить звук
player-volume = Громкость
player-volume-value = { $percent } %
player-sound-only = { $track }: только звук
player-sound-unsupported = Этот браузер не воспроизводит звук этой записи ({ $codec }); изображение идёт без него. Используйте современный Chromium, Firefox или Safari.
player-sound-too-fast = На скорости выше { $rate }× звука нет.
player-live = Эфир
player-live-hint = Следить за последними кадрами
player-fullscreen = На весь экран
player-go-to = Перейти ко времени
player-go = Перейти
player-go-wrong = Укажите время суток, например { $example }.
player-auto-jump = Пропускать разрывы записи
player-waiting = Ожидание записи…
player-checking = Проверка и расшифровка…
player-no-footage = Видеозаписи пока нет.
player-gap = Здесь нет записи: { $cause }
player-gap-jump = Продолжить с { $time }
player-gap-end = После этого момента записи нет.
player-gap-wait = Новых кадров пока не поступило.
player-jumped = Пропущено { $length } (с { $from } до { $to }): { $cause }
player-unsigned = Ещё не подписано устройством
player-unsupported = Этот браузер не воспроизводит формат записи ({ $codec }).
player-damaged = Повреждённая запись
player-damage = Сегмент { $segment } источника { $track }, с { $from } до { $to }: { $fault }
player-verified = Проверено с самого начала сегментов: { $checked } из { $total }; остальные проверяются при просмотре.
player-certificates = { $count ->
    [one] { $count } сертификат этой записи недействителен.
    [few] { $count } сертификата этой записи недействительны.
   *[other] { $count } сертификатов этой записи недействительны.
}
player-keys = Клавиши: пробел или K — воспроизведение и пауза, J и L — 10 секунд, стрелки — 5 секунд, Shift и стрелки — 1 минута, Home и End — начало и последние кадры, < и > — скорость, M — выключить звук, + и − — громкость, I и O — отметить начало и конец, S — снять кадр, F — на весь экран.
player-position = { $time }

timeline-title = Шкала времени
timeline-slider = Место на шкале экзамена
timeline-zoom-in = Крупнее
timeline-zoom-out = Мельче
timeline-zoom-all = Весь экзамен
timeline-footage = запись есть
timeline-sound = звук
timeline-missing = записи нет
timeline-outage = обрыв связи: достоверно
timeline-outage-upper = обрыв связи: возможно
timeline-damaged = повреждено
timeline-now = сейчас
timeline-start = начало
timeline-end = конец
timeline-expiry = конец хранения
timeline-deadline = срок пересдачи
timeline-legend = Обозначения шкалы
timeline-zone = Время { $zone }
table-title = Шкала времени в виде таблицы
table-what = Событие
table-from = С
table-to = До
table-length = Длительность
table-details = Подробности
table-ongoing = продолжается
table-outage = Обрыв связи: { $cause }
table-outage-bounds = от { $lower } до { $upper }
table-outage-upper = не более { $upper }; журнал устройства ещё не получен
table-outage-counted = за время экзамена: { $counted }
table-window = Время экзамена

conditions-title = Требует внимания сейчас
conditions-computer = компьютер
conditions-since = с { $time }
condition-camera-lost = нет изображения
condition-microphone-lost = звук не записывается
condition-dark = изображение слишком тёмное
condition-covered = камера закрыта
condition-frozen = изображение не меняется
condition-silent = полная тишина
condition-low-disk = диск почти заполнен
condition-slow-disk = диск слишком медленный
condition-cpu = процессор не успевает
condition-other = другое

cause-not-joined = подключения не было
cause-agent-stopped = программа записи была остановлена
cause-power-or-reboot = отключение питания или перезагрузка
cause-suspended = компьютер был в спящем режиме
cause-camera-lost = камера недоступна
cause-microphone-lost = микрофон недоступен
cause-capture-paused = запись приостановлена: нет места на диске или сбой диска
cause-computer-too-busy = компьютер был перегружен: процессор или диск не успевал
cause-not-yet-uploaded = ещё не передано на сервер
cause-unknown = причина неизвестна
cause-damaged = запись повреждена
cause-other-track = у этой камеры здесь нет изображения, есть у другой
cause-only-sound = здесь нет изображения ни с одной камеры, но есть звук; выберите его как источник
cause-link = потеря соединения
cause-server = сбой нашего сервера
cause-never-joined = подключения так и не было

fault-malformed = не читается
fault-statement-signature = неверная подпись документа
fault-certificate = ключ не заверен университетом
fault-key-record = запись о ключе не открывается или не подлинная
fault-commitment = зашифровано другим ключом
fault-not-opened = данные изменены (нарушена криптографическая защита)
fault-header = заголовок не соответствует ключам этой записи
fault-chain = данные изменены, вырезаны или переставлены
fault-order = нарушен порядок частей
fault-signature = неверная подпись устройства
fault-unsigned = не подтверждено подписью устройства
fault-closing = завершающая запись не сходится
fault-truncated = отсутствует конец
fault-wrong-segment = получен другой сегмент
fault-cut-out = предыдущая часть записи изъята
fault-beacon = неверная отметка времени сервера
fault-index = список фрагментов на сервере (место или время) не совпадает с тем, что записало устройство
fault-decode = не удаётся декодировать изображение или звук
