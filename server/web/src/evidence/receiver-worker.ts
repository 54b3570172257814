/** Its file is fetched when a bundle is first sealed for a receiver. */
import { type Question, answer } from "./receiver.ts";

self.onmessage = ({ data }: MessageEvent<Question>) => void answer(data, (said) => self.postMessage(said));
