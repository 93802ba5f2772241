import { useId, type ReactNode } from 'react';
import { useView } from '../../store/view';

/** A chart with its heading, its tools and, on demand, the numbers it plots. */
export function Figure(props: {
  /** Names the panel state; unique on the page. */
  id: string;
  /** The quantity: the accessible name begins with it. */
  title: string;
  unit: string;
  level: 2 | 3;
  className?: string;
  tools?: ReactNode;
  caption?: ReactNode;
  /** Built only while it is shown. */
  data: () => ReactNode;
  children: ReactNode;
}) {
  const ids = useId();
  const panel = `data:${props.id}`;
  const open = useView((state) => state.open[panel] ?? false);
  const toggle = useView((state) => state.toggle);
  const Heading = props.level === 2 ? 'h2' : 'h3';
  return (
    <figure className={props.className} aria-labelledby={`${ids}title ${ids}unit`}>
      <div className="figure-head">
        <Heading id={`${ids}title`}>{props.title}</Heading>
        <span className="unit" id={`${ids}unit`}>
          {props.unit}
        </span>
        <div className="figure-tools">
          {props.tools}
          <button
            type="button"
            className="link-button"
            aria-expanded={open}
            aria-controls={`${ids}data`}
            onClick={() => toggle(panel)}
          >
            Show data
          </button>
        </div>
      </div>
      {props.children}
      <div id={`${ids}data`} hidden={!open}>
        {open && props.data()}
      </div>
      {props.caption !== undefined && <figcaption>{props.caption}</figcaption>}
    </figure>
  );
}
