/** The annex of stills as PDF, in the look of the act (server/documents/src/act.typ). The same bytes from the same content. */
import PDFDocument, { type StructureElement, type TextOptions } from "pdfkit/js/pdfkit.standalone.js";
import { type Bytes, concat } from "../crypto/bytes.ts";
import { clock, day, offsetName } from "../time.ts";
import { WORDS } from "./annex-words.ts";
import type { AnnexContent, AnnexStill } from "./types.ts";

/** Faces of the text, OpenType. */
export interface Faces {
  regular: Bytes;
  bold: Bytes;
}

const mm = (length: number): number => (length * 72) / 25.4;
const PAGE = { width: mm(210), height: mm(297) };
const LEFT = mm(28);
const TOP = mm(18);
const BOTTOM = mm(24);
const WIDTH = PAGE.width - LEFT - mm(16);
const FLOOR = PAGE.height - BOTTOM;
/** Between the two stills of a page. */
const GAP = 20;
const GREY = "#5a5a5a";
const HAIRLINE = "#969696";

/** Makes the annex of at least one still. */
export function renderAnnex(content: AnnexContent, faces: Faces): Promise<Bytes> {
  const sheet = new Sheet(content, faces);
  let y = sheet.heading();
  for (let first = 0; first < content.stills.length; first += 2) {
    if (first > 0) y = sheet.newPage();
    const pair = content.stills.slice(first, first + 2);
    // A lone last still is no larger than its neighbours.
    const height = (FLOOR - y - GAP) / 2;
    for (const [index, still] of pair.entries()) sheet.still(still, first + index + 1, y + index * (height + GAP), height);
  }
  return sheet.finish();
}

class Sheet {
  private readonly pdf: PDFDocument;
  private readonly root: StructureElement;
  private readonly done: Promise<Bytes>;
  private readonly words;

  constructor(
    private readonly content: AnnexContent,
    faces: Faces,
  ) {
    const { language, organisation, act, madeMs } = content;
    this.words = WORDS[language];
    const made = new Date(madeMs);
    this.pdf = new PDFDocument({
      size: [PAGE.width, PAGE.height],
      margin: 0,
      pdfVersion: "1.7",
      subset: "PDF/A-2b",
      tagged: true,
      lang: language,
      displayTitle: true,
      autoFirstPage: false,
      bufferPages: true,
      font: null,
      info: { Title: this.title(), Author: organisation, Subject: act, Creator: "Invigil", Producer: "Invigil, PDFKit", CreationDate: made, ModDate: made },
    });
    const chunks: Uint8Array[] = [];
    this.done = new Promise((resolve, reject) => {
      this.pdf.on("data", (chunk) => chunks.push(chunk));
      this.pdf.on("end", () => resolve(concat(...chunks)));
      this.pdf.on("error", reject);
    });
    this.pdf.registerFont("regular", faces.regular);
    this.pdf.registerFont("bold", faces.bold);
    this.root = this.pdf.struct("Document", {});
    this.pdf.addStructure(this.root);
    this.pdf.addPage();
  }

  /** Organisation, title, what the act is about; returns where the stills begin. */
  heading(): number {
    const { pdf, words, content } = this;
    let y = TOP;
    y += this.text("P", "bold", 12, content.organisation, LEFT, y, { width: WIDTH, align: "center" }) + 7;
    this.rule(y, 0.8, "#000000");
    y += 16;
    y += this.text("H1", "bold", 15, words.title, LEFT, y, { width: WIDTH, align: "center" }) + 5;
    y += this.text("P", "regular", 11, this.about(), LEFT, y, { width: WIDTH, align: "center" }) + 12;
    const rows: [string, string | null][] = [
      [words.exam, content.exam],
      [words.subject, content.subject],
      [words.act, content.act],
    ];
    const label = mm(42);
    for (const [name, value] of rows) {
      if (!value) continue;
      const left = this.text("P", "regular", 9.5, name, LEFT, y + 1.2, { width: label - 8 }, GREY);
      y += Math.max(left, this.text("P", "regular", 11, value, LEFT + label, y, { width: WIDTH - label })) + 4;
    }
    y += 5;
    y += this.text("P", "regular", 8.5, words.note, LEFT, y, { width: WIDTH, lineGap: 1 }, GREY) + 14;
    pdf.fillColor("#000000");
    return y;
  }

  newPage(): number {
    this.pdf.addPage();
    return TOP;
  }

  /** A picture with its caption within `height` points from `top`. */
  still(still: AnnexStill, number: number, top: number, height: number): void {
    const { pdf, words } = this;
    const lines = this.captionLines(still, number);
    const below = lines.reduce((sum, line) => sum + this.measure(line.font, line.size, line.text, { width: WIDTH }) + 2.5, 6);
    const picture = pdf.openImage(still.jpeg.slice().buffer);
    const scale = Math.min(WIDTH / picture.width, Math.max(40, height - below) / picture.height);
    const [width, tall] = [picture.width * scale, picture.height * scale];
    const left = LEFT + (WIDTH - width) / 2;
    const box = [left, top, left + width, top + tall];
    const alt = `${words.still} ${number}: ${this.clean(still.caption)}, ${this.moment(still.atMs)}`;
    this.add("Figure", () => pdf.image(picture, left, top, { width, height: tall }), { alt, bbox: box, placement: "Block" });
    pdf.markContent("Artifact", { type: "Layout" });
    pdf.lineWidth(0.5).strokeColor(HAIRLINE).rect(left, top, width, tall).stroke();
    pdf.endMarkedContent();
    let y = top + tall + 6;
    for (const { font, size, text, colour } of lines) y += this.text("P", font, size, text, LEFT, y, { width: WIDTH }, colour) + 2.5;
  }

  finish(): Promise<Bytes> {
    const { pdf, words, content } = this;
    this.root.end();
    const { count } = pdf.bufferedPageRange();
    for (let page = 0; page < count; page++) {
      pdf.switchToPage(page);
      pdf.markContent("Artifact", { type: "Pagination" });
      const y = FLOOR + 12;
      pdf.lineWidth(0.5).strokeColor(HAIRLINE).moveTo(LEFT, y).lineTo(LEFT + WIDTH, y).stroke();
      const left = this.clean(content.number ? `${words.number} ${content.number} · ${content.act}` : content.act);
      pdf.font("regular").fontSize(9).fillColor(GREY);
      pdf.text(left, LEFT, y + 5, { lineBreak: false });
      const right = `${words.page} ${page + 1} / ${count}`;
      pdf.text(right, LEFT + WIDTH - pdf.widthOfString(right), y + 5, { lineBreak: false });
      pdf.endMarkedContent();
    }
    pdf.end();
    return this.done;
  }

  private title(): string {
    const { number, act } = this.content;
    return `${this.words.title}, ${number ? `${this.words.number} ${number}` : act}`;
  }

  private about(): string {
    const { number, title } = this.content;
    return number ? `${title}, ${this.words.number} ${number}` : `${title} (${this.words.draft})`;
  }

  private moment(ms: number): string {
    const offset = this.content.utcOffsetSecs;
    const thousandth = String(((Math.floor(ms) % 1000) + 1000) % 1000).padStart(3, "0");
    return `${day(ms, offset)} ${clock(ms, offset)}.${thousandth} ${offsetName(offset)}`;
  }

  private captionLines({ caption, atMs, recording, track, segmentDigest }: AnnexStill, number: number) {
    const { words } = this;
    const lines: { font: "regular" | "bold"; size: number; text: string; colour: string }[] = [
      { font: "bold", size: 10.5, text: `${words.still} ${number}. ${this.moment(atMs)}`, colour: "#000000" },
    ];
    if (caption) lines.push({ font: "regular", size: 10.5, text: caption, colour: "#000000" });
    if (recording) lines.push({ font: "regular", size: 8.5, text: `${words.recording} ${recording}, ${words.track} ${track}`, colour: GREY });
    if (segmentDigest) lines.push({ font: "regular", size: 8.5, text: `${words.digest}: ${segmentDigest}`, colour: GREY });
    return lines;
  }

  private rule(y: number, width: number, colour: string): void {
    this.pdf.markContent("Artifact", { type: "Layout" });
    this.pdf.lineWidth(width).strokeColor(colour).moveTo(LEFT, y).lineTo(LEFT + WIDTH, y).stroke();
    this.pdf.endMarkedContent();
  }

  private measure(font: "regular" | "bold", size: number, text: string, options: TextOptions): number {
    const shown = this.clean(text);
    return this.pdf.font(font).fontSize(size).heightOfString(shown, options);
  }

  /** Writes one paragraph and returns its height. */
  private text(tag: string, font: "regular" | "bold", size: number, text: string, x: number, y: number, options: TextOptions, colour = "#000000"): number {
    const height = this.measure(font, size, text, options);
    const shown = this.clean(text);
    this.add(tag, () => this.pdf.font(font).fontSize(size).fillColor(colour).text(shown, x, y, options));
    return height;
  }

  private add(tag: string, draw: () => void, options: object = {}): void {
    const element = this.pdf.struct(tag, options, draw);
    this.root.add(element);
    element.end();
  }

  /** What the fonts cannot show is written as its code point, as in the act. Leaves the regular face set. */
  private clean(text: string): string {
    this.pdf.font("regular");
    const font = this.pdf._font.font;
    const show = (letter: string): string => {
      const code = letter.codePointAt(0) ?? 0;
      return font.hasGlyphForCodePoint(code) ? letter : `[U+${code.toString(16).toUpperCase().padStart(4, "0")}]`;
    };
    return [...text.normalize("NFC").replace(/\s+/gu, " ").trim()].map(show).join("");
  }
}
