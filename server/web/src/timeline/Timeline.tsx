import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { t, tOr } from "../l10n.ts";
import type { Marks } from "../acts/marks.ts";
import { clock, moment, offsetName } from "../time.ts";
import { Handles } from "./Handles.tsx";
import { type Bar, type Timeline as Model, shift, ticks, zoom } from "./model.ts";

const AXIS = 24;
const LANE = 20;
const GAP = 5;

interface Props {
  model: Model;
  atMs: number | null;
  offsetSecs: number;
  deadlineOffsetSecs: number;
  onSeek: ((ms: number) => void) | null;
  /** In and out marks, which `onMove` moves. */
  marks?: Marks | undefined;
  onMove?: ((edge: "in" | "out", ms: number) => void) | undefined;
}

/** The exam window drawn to scale. Everything in it is also in the table below it. */
export function Timeline({ model, atMs, offsetSecs, deadlineOffsetSecs, onSeek, marks, onMove }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(600);
  const [zoomed, setZoomed] = useState<Bar | null>(null);
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const observer = new ResizeObserver(() => setWidth(Math.max(200, element.clientWidth)));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  const view = zoomed ? shift(zoomed, model.range, 0) : model.range;
  const span = Math.max(1, view.toMs - view.fromMs);
  const x = (ms: number) => ((ms - view.fromMs) / span) * width;
  const centre = atMs !== null && atMs >= view.fromMs && atMs <= view.toMs ? atMs : (view.fromMs + view.toMs) / 2;
  const change = (factor: number, around = centre) => {
    const next = zoom(view, model.range, factor, around);
    setZoomed(next.toMs - next.fromMs >= model.range.toMs - model.range.fromMs ? null : next);
  };
  useEffect(() => {
    if (zoomed && atMs !== null && (atMs < zoomed.fromMs || atMs > zoomed.toMs)) {
      setZoomed(shift(zoomed, model.range, atMs - (zoomed.fromMs + (zoomed.toMs - zoomed.fromMs) * 0.1)));
    }
  }, [atMs]);

  const msAt = (event: { clientX: number }) => {
    const rect = box.current?.getBoundingClientRect();
    return rect ? view.fromMs + ((event.clientX - rect.left) / rect.width) * span : view.fromMs;
  };
  const onWheel = (event: WheelEvent) => {
    if (event.ctrlKey) change(event.deltaY > 0 ? 1.25 : 0.8, msAt(event));
    else if (event.deltaX !== 0 && zoomed) setZoomed(shift(zoomed, model.range, (event.deltaX / width) * span));
    else return;
    event.preventDefault();
  };
  const lanes = model.tracks.length + 2 + (model.held.length > 0 ? 1 : 0);
  const height = AXIS + lanes * (LANE + GAP);
  const missingAt = AXIS + model.tracks.length * (LANE + GAP);
  const outageAt = missingAt + LANE + GAP;
  const heldAt = outageAt + LANE + GAP;
  const from = marks?.fromMs ?? null;
  const to = marks?.toMs ?? null;
  const beyond = model.marks.filter(({ kind, atMs: ms }) => (kind === "expiry" || kind === "deadline") && ms > view.toMs);
  const slider = onSeek
    ? {
        role: "slider" as const,
        tabIndex: 0,
        "aria-label": t("timeline-slider"),
        "aria-valuemin": Math.round(model.range.fromMs / 1000),
        "aria-valuemax": Math.round(model.range.toMs / 1000),
        "aria-valuenow": Math.round((atMs ?? model.range.fromMs) / 1000),
        "aria-valuetext": t("player-position", { time: clock(atMs ?? model.range.fromMs, offsetSecs) }),
      }
    : { role: "img" as const, "aria-label": t("timeline-title") };
  return (
    <section class="timeline" aria-label={t("timeline-title")}>
      <div class="timeline-head">
        <h2>{t("timeline-title")}</h2>
        <span class="hint">{t("timeline-zone", { zone: offsetName(offsetSecs) })}</span>
        <div class="group">
          <button type="button" class="small" onClick={() => change(0.5)} aria-label={t("timeline-zoom-in")} title={t("timeline-zoom-in")}>+</button>
          <button type="button" class="small" onClick={() => change(2)} aria-label={t("timeline-zoom-out")} title={t("timeline-zoom-out")}>−</button>
          <button type="button" class="small" onClick={() => setZoomed(null)} disabled={!zoomed}>{t("timeline-zoom-all")}</button>
        </div>
      </div>
      <div class="timeline-stack">
      <div ref={box} class={onSeek ? "timeline-box seekable" : "timeline-box"} {...slider} onWheel={onWheel} onClick={(event) => onSeek?.(msAt(event))}>
        <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
          <Hatches />
          {ticks(view, width, 76, offsetSecs).map((tick) => (
            <g key={tick.atMs} class="tick">
              <line x1={x(tick.atMs)} x2={x(tick.atMs)} y1={AXIS - 6} y2={height} />
              <text x={x(tick.atMs)} y={12} text-anchor={x(tick.atMs) < 24 ? "start" : x(tick.atMs) > width - 24 ? "end" : "middle"}>{clock(tick.atMs, offsetSecs, tick.seconds)}</text>
            </g>
          ))}
          {model.tracks.map(({ track, sound, footage, damaged, missing }, index) => {
            const y = AXIS + index * (LANE + GAP);
            return (
              <g key={track}>
                <rect class="lane" x={0} y={y} width={width} height={LANE} rx={4} />
                {missing.map((bar) => <Rect key={`${bar.fromMs} ${bar.cause}`} bar={bar} x={x} y={y} name="missing" title={`${track}: ${tOr(`cause-${bar.cause}`, "cause-unknown")}`} width={width} />)}
                {footage.map((bar) => <Rect key={bar.fromMs} bar={bar} x={x} y={y} name={sound ? "sound" : "footage"} width={width} />)}
                {damaged.map((bar) => <Rect key={`${bar.fromMs} ${bar.fault}`} bar={bar} x={x} y={y} name="damaged" least={4} width={width} />)}
                <text class="lane-name" x={6} y={y + 14}>{track}</text>
              </g>
            );
          })}
          <rect class="lane" x={0} y={missingAt} width={width} height={LANE} rx={4} />
          {model.missing.map((bar) => <Rect key={bar.fromMs} bar={bar} x={x} y={missingAt} name="missing" title={tOr(`cause-${bar.cause}`, "cause-unknown")} width={width} />)}
          <rect class="lane" x={0} y={outageAt} width={width} height={LANE} rx={4} />
          {model.outages.map((bar) => (
            <g key={bar.fromMs}>
              <Rect bar={bar} x={x} y={outageAt} name="outage-upper" least={4} title={tOr(`cause-${bar.cause}`, "cause-unknown")} width={width} />
              {bar.certain && <Rect bar={bar.certain} x={x} y={outageAt + 5} height={LANE - 10} name="outage" least={2} width={width} />}
            </g>
          ))}
          {model.held.length > 0 && <rect class="lane" x={0} y={heldAt} width={width} height={LANE} rx={4} />}
          {model.held.map((bar) => <Rect key={`${bar.hold} ${bar.fromMs}`} bar={bar} x={x} y={heldAt + 3} height={LANE - 6} name={`held-${bar.state}`} least={4} title={t(`timeline-held-${bar.state}`)} width={width} />)}
          {from !== null && to !== null && to > view.fromMs && from < view.toMs && (
            <rect class="marked" data-test="marked" x={Math.max(0, x(from))} y={AXIS - 6} width={Math.max(2, Math.min(width, x(to)) - Math.max(0, x(from)))} height={height - AXIS + 6} />
          )}
          {model.marks.filter(({ atMs: ms }) => ms >= view.fromMs && ms <= view.toMs).map(({ kind, atMs: ms }) => (
            <line key={kind} class={`mark mark-${kind}`} x1={x(ms)} x2={x(ms)} y1={AXIS - 8} y2={height} />
          ))}
          {atMs !== null && atMs >= view.fromMs && atMs <= view.toMs && (
            <g class="playhead" transform={`translate(${x(atMs)} 0)`}>
              <line y1={AXIS - 6} y2={height} />
              <path d={`M-6 ${AXIS - 10}h12l-6 8z`} />
            </g>
          )}
        </svg>
      </div>
      {marks && onMove && <Handles marks={marks} view={view} width={width} height={height} offsetSecs={offsetSecs} onMove={onMove} />}
      </div>
      {beyond.length > 0 && (
        <p class="beyond">
          {beyond.map(({ kind, atMs: ms }) => (
            <span key={kind}>{t(`timeline-${kind}`)}: {moment(ms, kind === "deadline" ? deadlineOffsetSecs : offsetSecs)} <span aria-hidden="true">→</span></span>
          ))}
        </p>
      )}
      <Legend kinds={["footage", ...(model.tracks.some(({ sound }) => sound) ? ["sound"] : []), "damaged", "missing", "outage", "outage-upper", ...new Set(model.held.map(({ state }) => `held-${state}`))]} marks={model.marks.map(({ kind }) => kind)} />
    </section>
  );
}

function Rect(props: { bar: Bar; x: (ms: number) => number; y: number; name: string; width: number; height?: number; least?: number; title?: string }) {
  const left = Math.max(-2, props.x(props.bar.fromMs));
  const right = Math.min(props.width + 2, props.x(props.bar.toMs));
  const wide = Math.max(right - left, props.least ?? 1);
  if (right < 0 || left > props.width) return null;
  return (
    <rect class={`bar bar-${props.name}`} data-kind={props.name} x={left} y={props.y} width={wide} height={props.height ?? LANE} rx={Math.min(4, wide / 2)}>
      {props.title && <title>{props.title}</title>}
    </rect>
  );
}

/** Hatching, so that kinds differ by more than colour. */
function Hatches() {
  return (
    <defs>
      <pattern id="hatch-missing" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="hatch-ground" width="7" height="7" /><line class="hatch-missing" x1="0" x2="0" y1="0" y2="7" /></pattern>
      <pattern id="hatch-damaged" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)"><rect class="hatch-damaged-ground" width="6" height="6" /><line class="hatch-damaged" x1="0" x2="0" y1="0" y2="6" /></pattern>
    </defs>
  );
}

function Legend({ kinds, marks }: { kinds: string[]; marks: string[] }) {
  return (
    <ul class="legend" aria-label={t("timeline-legend")}>
      {kinds.map((kind) => (
        <li key={kind}>
          <svg width="18" height="12" aria-hidden="true"><rect class={`bar bar-${kind}`} x="1" y="1" width="16" height="10" rx="2" /></svg>
          {t(`timeline-${kind}`)}
        </li>
      ))}
      {marks.filter((kind) => ["start", "end", "now"].includes(kind)).map((kind) => (
        <li key={kind}>
          <svg width="18" height="12" aria-hidden="true"><line class={`mark mark-${kind}`} x1="9" x2="9" y1="0" y2="12" /></svg>
          {t(`timeline-${kind}`)}
        </li>
      ))}
    </ul>
  );
}
