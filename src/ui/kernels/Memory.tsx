import { useGpuChecks } from '../../store/gpu_checks';
import type { ShapeKernels } from '../../worker/protocol';
import { bytesText } from './costs';

/** Every buffer that the prepared runs hold on the GPU, the largest first. */
export function Memory() {
  const shapes = useGpuChecks((state) => state.shapes);
  if (shapes.length === 0) return <p className="quiet">Nothing is prepared on a GPU.</p>;
  return (
    <>
      {shapes.map((shape) => (
        <Buffers key={shape.arms.join()} shape={shape} alone={shapes.length === 1} />
      ))}
    </>
  );
}

function Buffers({ shape, alone }: { shape: ShapeKernels; alone: boolean }) {
  const total = shape.buffers.reduce((sum, { bytes }) => sum + bytes, 0);
  const sorted = [...shape.buffers].sort((a, b) => b.bytes - a.bytes);
  return (
    <section>
      {!alone && <h3>{shape.arms.join(', ')}</h3>}
      <p className="small quiet">
        {shape.buffers.length} buffers, {bytesText(total)}, made before the first step; none is made
        while it trains.
      </p>
      <table className="entries">
        <thead>
          <tr>
            <th scope="col">buffer</th>
            <th scope="col">size</th>
            <th scope="col">share</th>
          </tr>
        </thead>
        <tbody>
          {sorted.map(({ name, bytes }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{bytesText(bytes)}</td>
              <td>{((100 * bytes) / total).toFixed(1)}%</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
