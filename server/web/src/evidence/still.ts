/** Stills: the player's picture, out of the page only sealed. */
import type { StillSource } from "../acts-wire.ts";
import type { Bytes } from "../crypto/bytes.ts";
import { cleanName } from "./attachment.ts";
import { EvidenceError, type Still } from "./types.ts";

const QUALITY = 0.92;

/** The picture that `video` shows now, at its own size. */
export async function takeStill(video: HTMLVideoElement, source: StillSource, name: string): Promise<Still> {
  const { videoWidth: width, videoHeight: height } = video;
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d");
  // HAVE_CURRENT_DATA
  if (!context || width === 0 || height === 0 || video.readyState < 2 || video.seeking) throw new EvidenceError("no-picture", "the player shows no picture");
  context.drawImage(video, 0, 0, width, height);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
  // Not until the collector comes by: the picture is a face.
  canvas.width = 0;
  if (blob?.type !== "image/jpeg") throw new EvidenceError("no-picture", "this browser makes no JPEG of the picture");
  const jpeg: Bytes = new Uint8Array(await blob.arrayBuffer());
  return { jpeg, width, height, source, name: cleanName(name) };
}
