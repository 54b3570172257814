/** Argon2id in a worker of its own: it takes about a second, during which the page must not freeze. */
import { argon2id } from "hash-wasm";
import type { KdfParameters } from "./keys.ts";

self.onmessage = async (event: MessageEvent<{ passphrase: string; kdf: KdfParameters }>) => {
  const { passphrase, kdf } = event.data;
  try {
    const derived = await argon2id({
      password: passphrase.normalize("NFC"),
      salt: kdf.salt,
      memorySize: kdf.memoryKib,
      iterations: kdf.iterations,
      parallelism: kdf.parallelism,
      hashLength: 32,
      outputType: "binary",
    });
    self.postMessage({ derived });
  } catch (error) {
    self.postMessage({ error: error instanceof Error ? error.message : String(error) });
  }
};
