/** The chunk that is fetched when evidence is first worked on. */
export { annexStills, openAttachment, sealAttachment } from "./attachment.ts";
export { makeBundle } from "./bundle.ts";
export { makeAnnex } from "./annex-load.ts";
export { sealHold } from "./hold.ts";
export { takeStill } from "./still.ts";
