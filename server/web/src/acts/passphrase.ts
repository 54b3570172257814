/** No letter or digit that is taken for another when it is read aloud or written down: 32, so that a random byte picks each with the same probability. */
const LETTERS = "abcdefghijkmnpqrstuvwxyz23456789";

/** Five groups of four: 100 bits. */
export function newPassphrase(): string {
  const letters = [...crypto.getRandomValues(new Uint8Array(20))].map((byte) => LETTERS[byte & 31]);
  return [0, 4, 8, 12, 16].map((from) => letters.slice(from, from + 4).join("")).join("-");
}
