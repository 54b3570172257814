import { type Answer, type Question, answer } from "../src/evidence/receiver.ts";

/** The worker that seals for a receiver, in the test's own thread. */
export class Here {
  static running = 0;

  /** Takes the place of the browser's workers. */
  static stand(): void {
    globalThis.Worker = Here as unknown as typeof Worker;
  }

  onmessage: ((event: { data: Answer }) => void) | null = null;
  private ended = false;

  constructor() {
    Here.running++;
  }

  postMessage(question: Question): void {
    void answer(question, (data) => this.ended || this.onmessage?.({ data }));
  }

  terminate(): void {
    this.ended = true;
    Here.running--;
  }
}
