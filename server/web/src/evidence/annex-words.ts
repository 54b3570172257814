/** An annex's own words, in step with those of the act (server/documents/src/words.rs). */
import type { Language } from "../acts-wire.ts";

export interface AnnexWords {
  title: string;
  number: string;
  /** Before an act has its number. */
  draft: string;
  exam: string;
  subject: string;
  act: string;
  still: string;
  recording: string;
  track: string;
  digest: string;
  page: string;
  note: string;
}

export const WORDS: Readonly<Record<Language, AnnexWords>> = {
  kk: {
    title: "Кадрлар қосымшасы",
    number: "№",
    draft: "нөмірі акт қол қойылғанда беріледі",
    exam: "Емтихан",
    subject: "Студент",
    act: "Акт идентификаторы",
    still: "Кадр",
    recording: "Жазба",
    track: "жолақ",
    digest: "Бөліктің SHA-256 сомасы",
    page: "бет",
    note: "Кадрлар бейнежазбадан тексерушінің браузерінде алынды; уақыт сервер сағатымен көрсетілген. SHA-256 сомасы кадр алынған, жазу құрылғысы қол қойған шифрланған файлға тиесілі.",
  },
  ru: {
    title: "Приложение с кадрами",
    number: "№",
    draft: "номер присваивается при подписании акта",
    exam: "Экзамен",
    subject: "Студент",
    act: "Идентификатор акта",
    still: "Кадр",
    recording: "Запись",
    track: "дорожка",
    digest: "SHA-256 части записи",
    page: "стр.",
    note: "Кадры взяты из видеозаписи в браузере проверяющего; время указано по часам сервера. Сумма SHA-256 относится к зашифрованному файлу, подписанному записавшим устройством, из которого взят кадр.",
  },
  en: {
    title: "Annex of stills",
    number: "No.",
    draft: "the number is given when the act is signed",
    exam: "Examination",
    subject: "Student",
    act: "Identifier of the act",
    still: "Still",
    recording: "Recording",
    track: "track",
    digest: "SHA-256 of the segment",
    page: "page",
    note: "The stills were taken from the recording in the reviewer's browser; times are by the server's clock. The SHA-256 digest is that of the sealed file, signed by the recording device, from which the still was taken.",
  },
};
