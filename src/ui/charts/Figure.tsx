import { useId, type ReactNode, type Ref } from 'react';
import { useView } from '../../store/view';

/** A chart with its heading, its tools and, on demand, the numbers it plots. */
export function Figure(props: {
  /** Names the panel state; unique on the page. */
  id: string;
  /** The quantity: the accessible name begins with it. */
  title: string;
  unit: string;
  level: 2 | 3 | 4;
  className?: string;
  tools?: ReactNode;
  /** Behind "Show data". */
  menu?: ReactNode;
  caption?: ReactNode;
  /** What the chart shows, in a sentence, for those who do not see it. */
  summary?: ReactNode;
  ref?: Ref<HTMLElement>;
  /** Built only while it is shown. */
  data: () => ReactNode;
  children: ReactNode;
}) {
  const ids = useId();
  const panel = `data:${props.id}`;
  const open = useView((state) => state.open[panel] ?? false);
  const toggle = useView((state) => state.toggle);
  const Heading = HEADINGS[props.level];
  return (
    <figure
      ref={props.ref}
      className={props.className}
      aria-labelledby={`${ids}title ${ids}unit`}
      aria-describedby={props.summary === undefined ? undefined : `${ids}summary`}
    >
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
          {props.menu}
        </div>
      </div>
      {props.summary !== undefined && (
        <p className="hidden-text" id={`${ids}summary`}>
          {props.summary}
        </p>
      )}
      {props.children}
      <div id={`${ids}data`} hidden={!open}>
        {open && props.data()}
      </div>
      {props.caption !== undefined && <figcaption>{props.caption}</figcaption>}
    </figure>
  );
}

const HEADINGS = { 2: 'h2', 3: 'h3', 4: 'h4' } as const;
