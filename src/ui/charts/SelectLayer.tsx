import { useEffect, useRef, useState } from 'react';
import { usePlotArea, useXAxisInverseScale } from 'recharts';

/** Pixels that the pointer moves before a press counts as drawing out a stretch. */
const THRESHOLD = 5;

interface Stretch {
  readonly from: number;
  readonly to: number;
}

/**
 * Draws out a stretch of the horizontal axis with the mouse or a pen; a double click goes back to all of it. Fingers
 * scroll the page, and the settings hold fields for the same.
 */
export function SelectLayer(props: { onSelect: (range: Stretch | null) => void }) {
  const { onSelect } = props;
  const layer = useRef<SVGGElement>(null);
  const [stretch, setStretch] = useState<Stretch | null>(null);
  const area = usePlotArea();
  const valueAt = useXAxisInverseScale();
  const now = useRef({ area, valueAt, onSelect });
  useEffect(() => {
    now.current = { area, valueAt, onSelect };
  });
  useEffect(() => {
    const svg = layer.current?.ownerSVGElement;
    if (svg == null) return;
    let drag: { readonly from: number; to: number; moved: boolean } | null = null;
    const place = (event: PointerEvent) => {
      const { area: plot } = now.current;
      const at = event.clientX - svg.getBoundingClientRect().left;
      return plot === undefined ? at : Math.min(Math.max(at, plot.x), plot.x + plot.width);
    };
    const press = (event: PointerEvent) => {
      if (event.button !== 0 || event.pointerType === 'touch') return;
      const at = place(event);
      drag = { from: at, to: at, moved: false };
      addEventListener('pointermove', move);
      addEventListener('pointerup', release);
      addEventListener('keydown', key);
    };
    const move = (event: PointerEvent) => {
      if (drag === null) return;
      drag.to = place(event);
      drag.moved ||= Math.abs(drag.to - drag.from) >= THRESHOLD;
      if (drag.moved)
        setStretch({ from: Math.min(drag.from, drag.to), to: Math.max(drag.from, drag.to) });
    };
    const stop = () => {
      drag = null;
      setStretch(null);
      removeEventListener('pointermove', move);
      removeEventListener('pointerup', release);
      removeEventListener('keydown', key);
    };
    const release = () => {
      const { valueAt: value, onSelect: select } = now.current;
      const done = drag;
      stop();
      if (done === null || !done.moved || value === undefined) return;
      const [from, to] = [done.from, done.to].sort((a, b) => a - b).map((at) => Number(value(at)));
      if (from !== undefined && to !== undefined) select({ from, to });
    };
    const key = (event: KeyboardEvent) => {
      if (event.key === 'Escape') stop();
    };
    const reset = () => now.current.onSelect(null);
    svg.addEventListener('pointerdown', press);
    svg.addEventListener('dblclick', reset);
    return () => {
      stop();
      svg.removeEventListener('pointerdown', press);
      svg.removeEventListener('dblclick', reset);
    };
  }, []);
  return (
    <g ref={layer} className="select-layer" aria-hidden="true">
      {stretch !== null && area !== undefined && (
        <rect
          x={stretch.from}
          y={area.y}
          width={stretch.to - stretch.from}
          height={area.height}
          fill="var(--ink)"
          fillOpacity={0.08}
        />
      )}
    </g>
  );
}
