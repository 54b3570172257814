/**
 * What needs keys in the browser and outlives the footage's month (docs/evidence.md): sealing holds, stills, attachments, the annex of stills,
 * evidence bundles. The code behind these functions is fetched when it is first called. They throw `EvidenceError`, `FormatError` (bytes are not what was
 * signed or sealed), `ApiError`, or the signal's reason.
 */
import type { ActView, AttachmentView, StillSource } from "../acts-wire.ts";
import type { Bytes } from "../crypto/bytes.ts";
import type { HoldView, Me } from "../wire.ts";
import type { AnnexContent, AnnexStill, Bundle, NewAttachment, Reviewer, SealFor, Still, Work } from "./types.ts";

export { EvidenceError } from "./types.ts";
export type { AnnexContent, AnnexStill, Bundle, EvidenceFault, NewAttachment, Progress, Reviewer, SealFor, Still, Work } from "./types.ts";

const load = () => import("./all.ts");

/**
 * Makes a hold effective: seals the key of each covered segment, opens what the server kept of it, confirms. The view says what is left (`unsealed`,
 * `growing`): segments that are still being uploaded are sealed by another call later. Calling it again is harmless. A `FormatError` says what is wrong with
 * the first damaged segment; the others are sealed by then.
 */
export const sealHold = async (hold: HoldView, who: Reviewer, work: Work = {}): Promise<HoldView> => (await load()).sealHold(hold, who, work);

/** The picture that the player shows, at its own size. `name` is for people. */
export const takeStill = async (video: HTMLVideoElement, source: StillSource, name: string): Promise<Still> => (await load()).takeStill(video, source, name);

/** Seals something for an act, ready for `api.attach`. Needs no review key of one's own. */
export const sealAttachment = async (act: ActView, attachment: NewAttachment, me: Me): Promise<Bytes> => (await load()).sealAttachment(act, attachment, me);

/** Opens what `api.attachment` answered and compares it with what the act says of it. */
export const openAttachment = async (act: string, view: AttachmentView, container: Bytes, who: Reviewer): Promise<Bytes> =>
  (await load()).openAttachment(act, view, container, who);

/** Fetches and opens the act's stills in order of time, with the digests of the segments that they come from: what an annex is made of. */
export const annexStills = async (act: ActView, who: Reviewer, work: Work = {}): Promise<AnnexStill[]> => (await load()).annexStills(act, who, work);

/** The annex of stills as PDF. */
export const makeAnnex = async (content: AnnexContent): Promise<Bytes> => (await load()).makeAnnex(content);

/** An act's evidence bundle for `receiver` (1 to 200 characters), sealed if that is wanted. Save the blob with `Bundle.name`. */
export const makeBundle = async (act: string, receiver: string, who: Reviewer, work: Work = {}, sealFor: SealFor | null = null): Promise<Bundle> =>
  (await load()).makeBundle(act, receiver, who, work, sealFor);
