import { useMemo } from "preact/hooks";
import { t } from "../l10n.ts";
import { TimelineTable } from "../timeline/Table.tsx";
import { Timeline } from "../timeline/Timeline.tsx";
import { timeline } from "../timeline/model.ts";
import type { Me } from "../wire.ts";
import { Conditions } from "./Conditions.tsx";
import { Finding, deadlineOffset } from "./Finding.tsx";
import { Player } from "./Player.tsx";
import { RecordingFacts, RecordingState } from "./Recordings.tsx";
import { RoomEnd } from "./RoomEnd.tsx";
import { Unlock } from "./Unlock.tsx";
import { usePoll, useTitle, useVault } from "./hooks.ts";
import { Loading, windowText } from "./parts.tsx";

const POLL_MS = 3000;

interface Props {
  id: string;
  /** Seconds since the window's start, from the address. */
  me: Me;
  onSignedOut: () => void;
}

export function Recording({ id, me, onSignedOut }: Props) {
  const key = useVault();
  const { value: recording, error } = usePoll((from) => from.recording(id), POLL_MS, [id]);
  const model = useMemo(() => recording && timeline(recording, [], [], recording.now_ms), [recording]);
  useTitle(recording?.who ?? t("player-title"));
  if (!recording || !model) return <Loading error={error} empty onSignedOut={onSignedOut} />;
  const offsetSecs = recording.exam.utc_offset_secs;
  // What a hold keeps can be watched after the rest has expired.
  const gone = recording.state === "expired" && recording.held.length === 0;
  return (
    <>
      <nav><a href={`#/exam/${recording.exam.id}`}>← {recording.exam.title}</a></nav>
      <div class="card-head">
        <h1>{recording.who}</h1>
        <RecordingState recording={recording} />
        <span class="hint">{windowText(recording.starts_ms, recording.ends_ms, offsetSecs)}</span>
      </div>
      <Loading error={error} empty={false} onSignedOut={onSignedOut} />
      <RoomEnd recording={recording} me={me} />
      <Conditions recording={recording} />
      <Finding recording={recording} />
      {recording.state === "expired" && !gone && <p class="message warn">{t("recording-held-only")}</p>}
      {key && !gone ? (
        <Player recording={recording} review={key} me={me} onSignedOut={onSignedOut} />
      ) : (
        <>
          {gone ? <p class="message plain">{t("error-expired")}</p> : <Unlock me={me} />}
          <Timeline model={model} atMs={null} offsetSecs={offsetSecs} deadlineOffsetSecs={deadlineOffset(recording)} onSeek={null} />
          <TimelineTable model={model} offsetSecs={offsetSecs} onSeek={null} />
        </>
      )}
      <RecordingFacts recording={recording} />
    </>
  );
}
