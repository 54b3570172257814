import { useRef } from "preact/hooks";
import type { Marks } from "../acts/marks.ts";
import { t } from "../l10n.ts";
import { clock } from "../time.ts";
import type { Bar } from "./model.ts";

const TALL = 18;

interface Props {
  marks: Marks;
  view: Bar;
  width: number;
  height: number;
  offsetSecs: number;
  onMove: (edge: "in" | "out", ms: number) => void;
}

/** The two ends of the marked range: drawn over the timeline, moved by mouse, finger or keyboard. Beside the timeline's own slider, not in it. */
export function Handles({ marks, view, width, height, offsetSecs, onMove }: Props) {
  const layer = useRef<SVGSVGElement>(null);
  const x = (ms: number) => ((ms - view.fromMs) / Math.max(1, view.toMs - view.fromMs)) * width;
  const msAt = (clientX: number) => {
    const rect = layer.current?.getBoundingClientRect();
    return rect ? view.fromMs + ((clientX - rect.left) / rect.width) * (view.toMs - view.fromMs) : view.fromMs;
  };
  return (
    <svg ref={layer} class="timeline-handles" width={width} height={height} viewBox={`0 0 ${width} ${height}`}>
      {([["in", marks.fromMs], ["out", marks.toMs]] as const).map(([edge, ms]) => {
        if (ms === null || ms < view.fromMs || ms > view.toMs) return null;
        const onKey = (event: KeyboardEvent) => {
          const step = event.shiftKey ? 10_000 : 1000;
          const by = { ArrowLeft: -step, ArrowDown: -step, ArrowRight: step, ArrowUp: step, PageDown: -60_000, PageUp: 60_000 }[event.key];
          if (by === undefined) return;
          event.preventDefault();
          event.stopPropagation();
          onMove(edge, ms + by);
        };
        const onDown = (event: PointerEvent) => (event.currentTarget as Element).setPointerCapture(event.pointerId);
        const onDrag = (event: PointerEvent) => {
          if ((event.currentTarget as Element).hasPointerCapture(event.pointerId)) onMove(edge, msAt(event.clientX));
        };
        return (
          <g
            key={edge}
            class="handle"
            role="slider"
            tabindex={0}
            data-test={`handle-${edge}`}
            aria-label={t(edge === "in" ? "collect-in" : "collect-out")}
            aria-valuemin={Math.round(view.fromMs / 1000)}
            aria-valuemax={Math.round(view.toMs / 1000)}
            aria-valuenow={Math.round(ms / 1000)}
            aria-valuetext={clock(ms, offsetSecs)}
            transform={`translate(${x(ms)} 0)`}
            onKeyDown={onKey}
            onPointerDown={onDown}
            onPointerMove={onDrag}
          >
            <line y1={TALL} y2={height} />
            <path d={edge === "in" ? `M0 ${TALL}h11v${TALL}h-11z` : `M0 ${TALL}h-11v${TALL}h11z`} />
          </g>
        );
      })}
    </svg>
  );
}
