# Акты, особое хранение, доказательства. Длительности и время приходят готовым текстом, числа — числами.
nav-title = Разделы
nav-exams = Экзамены
nav-acts = Акты
nav-holds = Особое хранение
nav-registrar = Реестр аннулирований
nav-audit = Журнал действий
cancel = Отмена
working = Выполняется…
error-failed = Не получилось: { $message }
people-title = Студенты и аудитории
recording-held-only = Срок хранения истёк. Доступно только то, что хранится по особому основанию.

collect-title = Доказательства для акта
collect-mark-in = Отметить начало
collect-mark-out = Отметить конец
collect-in = Начало
collect-out = Конец
collect-clear = Сбросить
collect-too-long = Один отрезок — не более 2 часов. Сократите его или укажите несколько.
collect-still = Снять кадр
collect-stills = { $count ->
    [one] { $count } кадр
    [few] { $count } кадра
   *[other] { $count } кадров
}
collect-still-unsigned = Этот кадр ещё не подписан устройством. Повторите через несколько секунд.
collect-strip = Снятые кадры
collect-hint = Отметьте начало и конец увиденного. Кадры остаются в этой вкладке, пока не будут зашифрованы в акте; при блокировке ключа они удаляются.
collect-hint-ready = Отрезок войдёт в акт и сразу будет взят на хранение по особому основанию.
still-at = Кадр, { $time }
still-remove = Удалить кадр, { $time }
stills-arriving = { $count ->
    [one] Зашифровывается и прикладывается { $count } кадр…
    [few] Зашифровываются и прикладываются { $count } кадра…
   *[other] Зашифровываются и прикладываются { $count } кадров…
}
timeline-held-pending = особое хранение: оформляется
timeline-held-effective = особое хранение: действует

draw-up = Составить акт
draw-up-on-the-spot = Составить акт на месте
draw-up-open = Открыть проект
draw-up-add = Добавить в проект
draw-up-kind = Вид акта
draw-up-whom = В отношении кого
draw-up-nobody = Аудитория в целом
draw-up-choose = Выберите…
draw-up-into = Куда добавить
draw-up-new = Новый акт
draw-up-no-form = Ваша роль не даёт права составлять акты.
draw-up-cites = Указывается запись: { $who }, { $from } – { $to }.
draw-up-cites-nothing = Отрезок не отмечен; запись можно указать позже.
draw-up-stills = { $count ->
    [one] Будет приложен { $count } кадр.
    [few] Будут приложены { $count } кадра.
   *[other] Будет приложено { $count } кадров.
}
draw-up-hold-hint = При открытии проекта отмеченный отрезок сразу берётся на хранение по особому основанию.
draw-up-later-hint = Запись можно добавить в проект позже, из окна просмотра.

acts-title = Акты
acts-none = Таких актов нет.
acts-count = { $count ->
    [one] { $count } акт
    [few] { $count } акта
   *[other] { $count } актов
}
acts-own-hint = Показаны акты, которые составили вы или которые вам нужно подписать.
acts-yours-count = { $count ->
    [one] { $count } акт ждёт вашей подписи
    [few] { $count } акта ждут вашей подписи
   *[other] { $count } актов ждут вашей подписи
}
acts-yours-show = Показать
acts-filter-state = Состояние
acts-filter-kind = Вид
acts-filter-any-kind = Любой
acts-filter-open = Незавершённые
acts-filter-yours = Ждут моей подписи
acts-filter-all = Все
act-state-draft = проект
act-state-for-signature = на подписи
act-state-signed = подписан
act-state-passed-on = у ответственного члена комиссии
act-state-grade-cancelled = оценка аннулирована
act-state-discarded = проект снят
act-state-long-draft = Проект акта
act-state-long-for-signature = Акт на подписи
act-state-long-signed = Акт подписан: изменить его нельзя
act-state-long-passed-on = Передан ответственному члену комиссии
act-state-long-grade-cancelled = Оценка аннулирована
act-state-long-discarded = Проект снят: персональные данные уничтожены
act-no-number = Проект
act-number-later = Номера ещё нет
act-no-form = Форма «{ $kind }» этого акта серверу неизвестна.
act-language = Язык текста
act-yours = нужна ваша подпись
act-revoked = отменён
act-corrected = исправлен
act-repeated-short = повторно: Совет по этике
act-repeated = Повторное нарушение передаётся в Совет факультета по этике (1.18).
act-earlier = { $count ->
    [one] { $count } прежний акт:
    [few] { $count } прежних акта:
   *[other] { $count } прежних актов:
}
act-open-other = открыть акт
act-corrects = Этот акт исправляет прежний:
act-revokes = Этот акт отменяет прежний:
act-supplements = Этот акт дополняет прежний:
act-by-corrects = Исправлен более поздним актом:
act-by-revokes = Отменён более поздним актом:
act-by-supplements = Дополнен более поздним актом:
act-discarded-note = Причина: { $note }
act-returned = Возвращено в проект: { $who }, { $when }. Причина: { $note }
act-drawn-up = Составил(а): { $who }, { $date }.
act-drawn-up-by = Составил(а): { $who }, { $capacity }
act-signatures = Подписей: { $given } из { $needed }.
act-staff-access = Докладные о сотрудниках видят только те, кому это положено.
act-document = Документ:
act-preview = Посмотреть проект как документ:
act-check-page = Страница проверки
countdown-left = осталось { $days } дн. { $hours } ч
countdown-minutes = осталось { $minutes } мин
countdown-over = срок истёк
countdown-until = Оценку можно аннулировать до { $until }. Засчитывается подтверждённое аннулирование, а не проект.
countdown-was = Оценку можно было аннулировать до { $until }.

save-saved = Сохранено
save-waiting = Ещё не сохранено
save-saving = Сохраняется…
save-offline = Нет связи: текст остаётся здесь и сохранится, когда сервер ответит
save-signed-out = Сеанс завершён: текст остаётся здесь до повторного входа
save-conflict = Расхождение: выберите ниже
save-refused = Сервер этого не принимает:
save-closed = Проект закрыт другим человеком
save-now = Сохранить сейчас
draft-not-saved = Сначала всё должно быть сохранено; см. состояние вверху.
draft-leave = Часть введённого ещё не сохранена. Всё равно выйти?
draft-taken = Тем временем изменено другим человеком и принято: { $fields }.
draft-stranded = То, что вы ввели, уже нельзя внести в проект. Скопируйте текст, прежде чем уйти.
draft-stranded-text = Ваш текст
draft-stranded-done = Больше не нужно
draft-unsaved-elsewhere = { $count ->
    [one] Не всё сохранено в { $count } проекте:
    [few] Не всё сохранено в { $count } проектах:
   *[other] Не всё сохранено в { $count } проектах:
}
clash-title = Двое изменили одно и то же
clash-lead = Ничего не перезаписано. Для каждого выберите, что останется.
clash-mine = Ваш вариант
clash-theirs = Другой вариант
clash-keep-mine = Оставить ваш
clash-take-theirs = Взять другой
clash-keep-both = Оставить оба подряд
clash-empty = (пусто)
clash-language = Язык текста
clash-capacity = В каком качестве
clash-points = Нарушенные пункты
clash-evidence = Видеозаписи
clash-signatories = Подписывающие
clash-post = Должность: { $login }
clash-other = Другая часть акта

field-required = обязательно
field-chars = { $used } из { $most } знаков
answer-yes = Да
answer-no = Нет
person-name = Имя, строка { $number }
person-post = Должность, строка { $number }
person-name-short = Фамилия, имя
person-post-short = Должность
person-add = Добавить человека
person-remove = Удалить строку { $number }
drawn-up-title = Кто составляет
drawn-up-capacity = { $name } составляет акт как
points-title = Нарушенные пункты Правил
aids-title = Разрешено, не является нарушением
evidence-title = Видеозаписи, на которые ссылается акт
evidence-none = Видеозаписи не указаны.
evidence-watch = Смотреть
evidence-remove = Убрать { $range }
evidence-add = Открыть просмотр
evidence-add-hint = чтобы отметить ещё отрезок и добавить его в этот проект.
attachments-title = Кадры и бумаги
attachments-none = Ничего не приложено.
attachments-locked = Кадры открываются только ключом просмотра.
attachment-sealed = зашифровано
attachment-save = Открыть и сохранить
attachment-remove = Удалить { $name }
attachment-kind-still = Кадры
attachment-kind-annex = Приложение с кадрами
attachment-kind-scan = Скан
scan-add = Скан бумажного акта, подписанного на месте (PDF, JPEG, PNG)
scan-hint = Не более 32 МБ. Шифруется в этом браузере до отправки.
scan-wrong-kind = Выберите файл PDF, JPEG или PNG.
signers-title = Подписывающие
signers-hint = От { $least } до { $most } человек, каждый — под своей учётной записью и паролем.
signer-post = Должность в акте
signer-who = Кто
signer-choose = Выберите…
signer-nobody = Больше никто не вправе подписать этот акт
signer-add = Добавить
signer-remove = Убрать: { $name }
problems-title = { $count ->
    [one] До подписания: не хватает или неверно — { $count }
    [few] До подписания: не хватает или неверно — { $count }
   *[other] До подписания: не хватает или неверно — { $count }
}
problem-missing = не заполнено
problem-too-long = слишком длинно
problem-bad-date = не дата
problem-bad-choice = выберите вариант
problem-bad-person = у каждого нужны имя и должность
problem-bad-character = есть знак, который нельзя показать в документе
problem-repeated = указано дважды
problem-growing = ещё записывается или передаётся
problem-not-held = больше не хранится: уберите из акта
problem-still-not-cited = кадр снят вне указанных отрезков: укажите его время или уберите кадр
problem-too-much-footage = указанные записи не помещаются в один пакет доказательств: укажите меньше или составьте второй акт
problem-unknown = нет в форме
problem-too-few = слишком мало
problem-too-many = слишком много
problem-other = неверно
place-points = Нарушенные пункты
place-signatories = Подписывающие
place-evidence = Видеозаписи
place-capacity = Кто составляет

finish-title = Завершить проект
finish-send = Отправить на подпись
finish-annex = Приложение с кадрами создаётся, шифруется и прикладывается в этом браузере перед отправкой на подпись.
discard = Снять проект…
discard-title = Снять проект
discard-do = Снять навсегда
discard-what = Текст, кадры и сканы уничтожаются, особое хранение прекращается. Отменить это нельзя.
discard-note = Причина, без имён
unlock-first = Нужен ключ просмотра
unlock-first-why = Кадры и записи зашифрованы, их открывает только ключ просмотра.
step-sign = Подписать
step-back-to-draft = Вернуть в проект
step-pass-on = Передать в комиссию
step-cancel-grade = Подтвердить аннулирование оценки
step-correct = Исправить, дополнить или отменить
step-bundle = Сделать пакет доказательств
step-discard = Снять
sign-lead = Вы подтверждаете акт в том виде, как он показан на этой странице.
sign-content = Дайджест содержания:
sign-last = Ваша подпись последняя: с ней акт получит номер, и изменить его будет нельзя.
sign-password = Ваш пароль
back-what = Уже поставленные подписи теряют силу.
back-note = Почему возвращается
pass-on-lead = Акт передаётся ответственному члену комиссии (10.4).
cancel-grade-lead = Подтверждайте только после того, как оценка аннулирована в учётных данных университета.
cancel-grade-when = Когда аннулирована
cancel-grade-routing = Номер в документообороте или приказ, если есть
cancel-grade-do = Подтвердить
correct-lead = Подписанный акт не меняется. Составляется новый акт со ссылкой на него.
correct-filled-in = Проект начинается с текста этого акта; указанная в нём запись указывается и в проекте, кроме отмены акта.
correct-without-role = Проект начинается с текста этого акта, но без записи: ваша роль не даёт права её указывать. Добавить запись могут сотрудники ИТ или комиссия.
correct-without-late = Срок аннулирования оценки по видеозаписям истёк: проект открывается с текстом этого акта, но без записи.
correct-without-gone = Срок хранения записи, указанной в этом акте, истёк: проект открывается с текстом этого акта, но без записи.
correct-relation = Новый акт
relation-corrects = исправляет этот
relation-supplements = дополняет этот
relation-revokes = отменяет этот
bundle-lead = Один ZIP-файл: указанные записи в исходном виде, их ключи, подписи, квитанции, акт и видео для просмотра. Проверяется без этого сервера.
bundle-receiver = Для кого
bundle-receiver-hint = Создание вносится в журнал акта.
seal-for = Шифрование
seal-none = Нет
seal-keys = Для ключа age получателя
seal-passphrase = Парольной фразой
seal-none-hint = Запись сможет посмотреть любой, у кого окажется файл: передавайте лично.
seal-keys-hint = Откроет только владелец секретного ключа, любой программой age. Попросите у получателя открытый ключ; если получателей несколько — по одному ключу в строке.
seal-passphrase-hint = Откроет только тот, кто знает фразу, любой программой age. Не менее 12 знаков; университет её не хранит.
seal-keys-label = Открытый ключ получателя
seal-passphrase-label = Парольная фраза
seal-passphrase-new = Создать другую
seal-passphrase-once = Фраза показана в последний раз. Сообщите её получателю отдельно от файла: по телефону или лично.
copy = Копировать
copied = Скопировано.
copy-failed = Браузер не скопировал. Выделите текст и скопируйте вручную.
bundle-make = Сделать пакет
bundle-done = Пакет доказательств
bundle-ready = { $files ->
    [one] Пакет готов: { $files } файл, { $mb } МБ.
    [few] Пакет готов: { $files } файла, { $mb } МБ.
   *[other] Пакет готов: { $files } файлов, { $mb } МБ.
}
bundle-save-again = Сохранить файл
bundle-check = Проверить на любом компьютере:
bundle-open = Открыть программой age:
sheet-decision = Решение
sheet-signatures = Подписи
sheet-signed = Подписано
sheet-not-signed = ещё нет
history-title = Ход событий
event-drafted = Открыт проект
event-signature = Подпись
event-signed = Акт подписан всеми: { $number }
event-passed-on = Передан в комиссию
event-grade-cancelled = Оценка аннулирована
event-document = Создан документ
event-bundle = Создан пакет доказательств
event-other = Запись в журнале

refusal-too-late = Срок истёк: оценку можно было аннулировать до { $date } ({ $rule }).
refusal-incomplete = Акт заполнен не полностью: см. список выше.
refusal-wrong-password = Неверный пароль.
refusal-content-changed = Акт тем временем изменён. Прочитайте его снова, прежде чем подписать.
refusal-changed-meanwhile = Акт тем временем изменил другой человек. Посмотрите и повторите.
refusal-wrong-state = Акт уже в другом состоянии.
refusal-signed-already = Вы уже подписали этот акт.
refusal-bad-evidence = Указанную запись использовать нельзя: { $message }
refusal-forbidden = Ваша роль или состояние акта этого не допускают.
refusal-too-many-uploads = Одновременно передаётся слишком много файлов. Отправьте этот ещё раз, когда закончится другой.
refusal-upload-stalled = Полминуты ничего не поступало, передача прекращена. Отправьте файл ещё раз.
refusal-disk-full = Диск сервера почти заполнен, файл не принят. Сообщите сотрудникам ИТ.
progress-keys = Открываем ключи…
progress-fetching = Загрузка…
progress-sealing = Шифрование…
progress-checking = Проверка…
progress-video = Создание видео…
progress-documents = Создание документов…
progress-packing = Упаковка…
evidence-foreign-key = Ключ для шифрования не заверен университетом. Сообщите администратору.
evidence-institution = Ключи принадлежат другому университету.
evidence-not-recipient = Ваш ключ просмотра этого не открывает.
evidence-expired = Ключей этой записи больше нет: истёк срок или закончилось особое хранение.
evidence-growing = Часть отрезка ещё записывается или передаётся. Повторите позже.
evidence-not-confirmed = Сервер вернул не то, что получил. Сообщите администратору.
evidence-differs = Есть отличие от того, что указано в акте: { $message }
evidence-too-large = Файл больше 32 МБ.
evidence-bundle-too-large = Пакет был бы слишком велик: в нём не более 400 файлов, а размер меньше 4 ГБ.
evidence-empty = Файл пуст.
evidence-no-picture = Здесь нет изображения.
evidence-font = Не удалось загрузить шрифт для приложения. Повторите.
evidence-recipient = Не ключ age: { $message }. Ожидается age1 и ещё 58 букв и цифр, точно как дал получатель.
evidence-no-recipient = Введите ключ получателя.
evidence-secret-key = Это секретный ключ, он должен быть только у владельца. Попросите у получателя открытый ключ: он начинается с age1.
evidence-short-passphrase = Фраза слишком короткая: нужно не менее 12 знаков.

holds-title = Хранение по особому основанию
holds-none = Таких записей нет.
hold-put = Взять на особое хранение
hold-put-done = Запись взята на особое хранение
hold-state-pending = оформляется
hold-state-effective = действует
hold-state-released = прекращено
hold-state-hint = Запись на особом хранении не удаляется через месяц, пока хранение не прекращено. Оно оформляется, пока браузер с ключом просмотра не зашифрует ключи именно указанных сегментов; до этого хранится больше, чем указано.
hold-covers = Хранятся целые сегменты отрезка и ничего больше.
hold-growing = { $count ->
    [one] { $count } сегмент получен не полностью; в акте указывается только полученное
    [few] { $count } сегмента получены не полностью; в акте указывается только полученное
   *[other] { $count } сегментов получены не полностью; в акте указывается только полученное
}
hold-over-retention = срок истёк: до оформления хранится больше, чем указано
hold-seal = Оформить сейчас
hold-needs-key = нужен ключ просмотра
hold-reason = Основание
hold-reason-act = Акт
hold-reason-appeal = Апелляция
hold-reason-other = Иное основание
hold-note = Пояснение
hold-nothing-left = В этом отрезке больше нечего прочитать.
hold-recording = Запись
hold-exam = Экзамен
hold-range = Отрезок
hold-covered = Хранится
hold-segments = { $count ->
    [one] { $count } сегмент, { $mb } МБ
    [few] { $count } сегмента, { $mb } МБ
   *[other] { $count } сегментов, { $mb } МБ
}
hold-opened = Начато
hold-released = Прекращено
hold-release = Прекратить хранение
hold-release-what = Сразу действует обычное правило: запись старше месяца уничтожается.
hold-release-note = Почему
released-the-draft-was-discarded = проект снят
released-the-grade-is-cancelled = оценка аннулирована
released-the-act-was-revoked = акт отменён
released-the-act-was-corrected = акт исправлен
released-the-act-was-passed-on = акт передан
released-too-late-to-cancel-the-grade = срок аннулирования оценки истёк
released-too-late-to-sign = срок подписания истёк
released-no-longer-cited-by-the-act = акт больше не ссылается на запись
hold-needed = Это хранение нужно незавершённому акту. Сначала снимите или завершите акт.

registrar-title = Реестр аннулирований
registrar-lead = Подписанные акты для транскрипта (1.20).
registrar-from = Подписаны с
registrar-to = по
registrar-csv = Скачать CSV
registrar-json = Скачать JSON
registrar-wrong = Укажите два дня: первый не позже второго.
registrar-count = { $count ->
    [one] { $count } акт
    [few] { $count } акта
   *[other] { $count } актов
}
registrar-number = Акт
registrar-student = Студент
registrar-exam = Экзамен
registrar-points = Пункты
registrar-signed = Подписан
registrar-cancelled = Оценка аннулирована
registrar-not-cancelled = не подтверждено
registrar-revoked = отменён актом { $number }
registrar-corrected = исправлен актом { $number }
audit-title = Журнал действий
audit-lead = Кто, что, с чем и когда сделал. Каждая запись содержит дайджест предыдущей; имён людей в журнале нет.
audit-filter = Найти
audit-count = { $count ->
    [one] { $count } запись
    [few] { $count } записи
   *[other] { $count } записей
}
audit-more = Более поздние записи
audit-number = №
audit-when = Когда
audit-who = Кто
audit-action = Действие
audit-object = Объект
audit-detail = Подробности
