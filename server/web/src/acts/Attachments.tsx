import { useEffect, useRef, useState } from "preact/hooks";
import type { ActView, AttachmentView } from "../acts-wire.ts";
import { api } from "../api.ts";
import { type Still, openAttachment, sealAttachment } from "../evidence/index.ts";
import { t } from "../l10n.ts";
import { moment } from "../time.ts";
import { useVault } from "../views/hooks.ts";
import { megabytes } from "../views/parts.tsx";
import type { Me } from "../wire.ts";
import { Picture } from "./Picture.tsx";
import { UnlockFirst } from "./UnlockFirst.tsx";
import { landed, useCarried } from "./carried.ts";
import { evidenceText } from "./sealing.ts";

const MEDIA = ["application/pdf", "image/jpeg", "image/png"] as const;
const LARGEST_BYTES = 32 * 1024 * 1024;

interface Props {
  act: ActView;
  me: Me;
  /** Reads the act anew after something was added or removed. */
  onChanged: () => Promise<void>;
}

/** Stills, the annex and scans: sealed in this page before they leave it, opened here only with the review key. */
export function Attachments({ act, me, onChanged }: Props) {
  const key = useVault();
  const [trouble, setTrouble] = useState<string | null>(null);
  const [busy, setBusy] = useState(0);
  const [unlocking, setUnlocking] = useState(false);
  const file = useRef<HTMLInputElement>(null);
  const id = act.summary.id;
  const changes = act.may.includes("attach");
  const work = async (doing: () => Promise<void>) => {
    setBusy((count) => count + 1);
    setTrouble(null);
    try {
      await doing();
      await onChanged();
    } catch (problem) {
      setTrouble(evidenceText(problem));
    } finally {
      setBusy((count) => count - 1);
    }
  };
  const addScan = (chosen: File) =>
    work(async () => {
      const media = MEDIA.find((name) => name === chosen.type);
      if (!media) return setTrouble(t("scan-wrong-kind"));
      if (chosen.size > LARGEST_BYTES) return setTrouble(t("evidence-too-large"));
      const bytes = new Uint8Array(await chosen.arrayBuffer());
      const name = [...chosen.name].slice(0, 120).join("");
      await api.attach(id, await sealAttachment(act, { kind: "scan", media, name, source: null, bytes }, me));
    });
  const remove = (attachment: AttachmentView) => void work(() => api.detach(id, attachment.id));
  const stills = act.attachments.filter(({ kind }) => kind === "still");
  const papers = act.attachments.filter(({ kind }) => kind !== "still");
  return (
    <section class="card fields" aria-labelledby="attachments-title" data-test="attachments">
      <h2 id="attachments-title">{t("attachments-title")}</h2>
      <Arriving act={act} me={me} onChanged={onChanged} />
      {act.attachments.length === 0 && <p class="hint">{t("attachments-none")}</p>}
      {stills.length > 0 && (
        <ul class="strip" aria-label={t("attachment-kind-still")}>
          {stills.map((still) => <StillItem key={still.id} act={act} still={still} me={me} onRemove={changes ? () => remove(still) : null} />)}
        </ul>
      )}
      {papers.length > 0 && (
        <ul class="papers">
          {papers.map((paper) => (
            <li key={paper.id}>
              <span><strong>{t(`attachment-kind-${paper.kind}`)}</strong>: {paper.name} <span class="hint">({t("size-mb", { mb: megabytes(paper.size_bytes) })}, {moment(paper.created_ms, act.summary.exam.utc_offset_secs)})</span></span>
              {key && <OpenPaper act={act} paper={paper} me={me} />}
              {changes && <button type="button" class="small" disabled={busy > 0} aria-label={t("attachment-remove", { name: paper.name })} onClick={() => remove(paper)}>×</button>}
            </li>
          ))}
        </ul>
      )}
      {act.attachments.length > 0 && !key && (
        <p class="controls">
          <span class="hint">{t("attachments-locked")}</span>
          {me.role !== "invigilator" && me.role !== "registrar" && <button type="button" class="small" data-test="unlock" onClick={() => setUnlocking(true)}>{t("unlock-submit")}</button>}
        </p>
      )}
      {unlocking && <UnlockFirst me={me} onOpen={() => setUnlocking(false)} onClose={() => setUnlocking(false)} />}
      {changes && (
        <div class="controls">
          <label class="stacked">
            <span>{t("scan-add")}</span>
            <input
              ref={file}
              type="file"
              name="scan"
              accept={MEDIA.join(",")}
              disabled={busy > 0}
              aria-describedby="scan-hint"
              onChange={(event) => {
                const chosen = event.currentTarget.files?.[0];
                if (chosen) void addScan(chosen).finally(() => file.current && (file.current.value = ""));
              }}
            />
          </label>
          <small class="hint" id="scan-hint">{t("scan-hint")}</small>
        </div>
      )}
      <p class="live-region" role="status">{busy > 0 && t("progress-sealing")}</p>
      {trouble && <p class="message bad" role="alert">{trouble}</p>}
    </section>
  );
}

/** Stills from the player on their way into the act. */
function Arriving({ act, me, onChanged }: Props) {
  const stills = useCarried(act.summary.id);
  const [trouble, setTrouble] = useState<string | null>(null);
  const running = useRef(false);
  const [tries, setTries] = useState(0);
  useEffect(() => {
    if (stills.length === 0 || running.current || !act.may.includes("attach")) return;
    running.current = true;
    setTrouble(null);
    const send = async (still: Still) => {
      const sealed = await sealAttachment(act, { kind: "still", media: "image/jpeg", name: still.name, source: still.source, bytes: still.jpeg }, me);
      await api.attach(act.summary.id, sealed);
      landed(act.summary.id, still);
    };
    const all = async () => {
      for (const still of stills) await send(still);
      await onChanged();
    };
    all()
      .catch((problem: unknown) => setTrouble(evidenceText(problem)))
      .finally(() => {
        running.current = false;
      });
  }, [stills.length > 0, tries]);
  if (stills.length === 0) return null;
  return (
    <div class={trouble ? "message bad" : "message"} role="status" data-test="arriving">
      <p>{trouble ?? t("stills-arriving", { count: stills.length })}</p>
      {trouble && <button type="button" class="small" onClick={() => setTries((count) => count + 1)}>{t("retry")}</button>}
    </div>
  );
}

function StillItem({ act, still, me, onRemove }: { act: ActView; still: AttachmentView; me: Me; onRemove: (() => void) | null }) {
  const { bytes, trouble } = useOpened(act, still, me);
  const offsetSecs = act.summary.exam.utc_offset_secs;
  const when = moment(still.source?.at_ms ?? still.created_ms, offsetSecs, true);
  return (
    <li>
      {bytes ? <Picture bytes={bytes} media={still.media} alt={t("still-at", { time: when })} /> : <span class="blank">{trouble ?? t("attachment-sealed")}</span>}
      <span class="strip-line">
        <span>{when}</span>
        {onRemove && <button type="button" class="small" aria-label={t("still-remove", { time: when })} onClick={onRemove}>×</button>}
      </span>
    </li>
  );
}

/** Opens a paper on demand and offers it for saving. */
function OpenPaper({ act, paper, me }: { act: ActView; paper: AttachmentView; me: Me }) {
  const key = useVault();
  const [trouble, setTrouble] = useState<string | null>(null);
  const open = async () => {
    if (!key) return;
    setTrouble(null);
    try {
      const container = await api.attachment(act.summary.id, paper.id);
      const bytes = await openAttachment(act.summary.id, paper, container, { me, review: key });
      saveAs(new Blob([bytes], { type: paper.media }), paper.name);
    } catch (problem) {
      setTrouble(evidenceText(problem));
    }
  };
  return (
    <>
      <button type="button" class="small" data-test={`open-${paper.kind}`} onClick={() => void open()}>{t("attachment-save")}</button>
      {trouble && <span class="field-error" role="alert">{trouble}</span>}
    </>
  );
}

/** The opened attachment while the key is open. */
function useOpened(act: ActView, view: AttachmentView, me: Me) {
  const key = useVault();
  const [state, setState] = useState<{ bytes: Uint8Array<ArrayBuffer> | null; trouble: string | null }>({ bytes: null, trouble: null });
  useEffect(() => {
    let gone = false;
    setState({ bytes: null, trouble: null });
    if (!key) return;
    const open = async () => openAttachment(act.summary.id, view, await api.attachment(act.summary.id, view.id), { me, review: key });
    open()
      .then((bytes) => gone || setState({ bytes, trouble: null }))
      .catch((problem: unknown) => gone || setState({ bytes: null, trouble: evidenceText(problem) }));
    return () => {
      gone = true;
    };
  }, [key, view.id]);
  return state;
}

/** Offers bytes for saving under a name. */
export function saveAs(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
