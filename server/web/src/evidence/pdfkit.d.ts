/** What is used here of pdfkit, which ships without types; its standalone build brings its own streams and buffers. */
declare module "pdfkit/js/pdfkit.standalone.js" {
  export interface StructureElement {
    add(child: StructureElement): this;
    end(): void;
  }
  export interface TextOptions {
    width?: number;
    align?: "left" | "center" | "right";
    lineGap?: number;
    lineBreak?: boolean;
  }
  export default class PDFDocument {
    constructor(options: Record<string, unknown>);
    on(event: "data", listener: (chunk: Uint8Array) => void): this;
    on(event: "end", listener: () => void): this;
    on(event: "error", listener: (error: Error) => void): this;
    end(): void;
    addPage(): this;
    switchToPage(index: number): unknown;
    bufferedPageRange(): { start: number; count: number };
    registerFont(name: string, bytes: Uint8Array): this;
    font(name: string): this;
    fontSize(points: number): this;
    fillColor(colour: string): this;
    strokeColor(colour: string): this;
    lineWidth(points: number): this;
    moveTo(x: number, y: number): this;
    lineTo(x: number, y: number): this;
    stroke(): this;
    rect(x: number, y: number, width: number, height: number): this;
    text(text: string, x: number, y: number, options?: TextOptions): this;
    heightOfString(text: string, options?: TextOptions): number;
    widthOfString(text: string): number;
    openImage(bytes: ArrayBuffer): { width: number; height: number };
    image(image: unknown, x: number, y: number, options: { width: number; height: number }): this;
    struct(type: string, options: object, children?: () => void): StructureElement;
    addStructure(element: StructureElement): this;
    markContent(tag: "Artifact", options: object): this;
    endMarkedContent(): this;
    /** The current font: fontkit's own is inside. */
    readonly _font: { font: { hasGlyphForCodePoint(code: number): boolean } };
  }
}
