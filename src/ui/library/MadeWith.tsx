import type { AdapterFacts } from '../../recipe/adapter_facts';
import type { ShelfEntry } from '../../store/library';

/** What a kept run was made with: the same on the same machine gives the same bytes. */
export function MadeWith({ made }: { made: NonNullable<ShelfEntry['made']> }) {
  const { program, shaders, browser, adapter } = made;
  return (
    <details className="run-made small">
      <summary>Made with</summary>
      <dl>
        <dt>Program</dt>
        <dd>version {program}</dd>
        <dt>Shaders</dt>
        <dd>
          {shaders === null ? 'not recorded, or of several versions' : <code>{shaders}</code>}
        </dd>
        <dt>Adapter</dt>
        <dd>{adapter === null ? 'not recorded' : inWords(adapter)}</dd>
        <dt>Browser</dt>
        <dd>{browser || 'not recorded'}</dd>
      </dl>
    </details>
  );
}

function inWords({ vendor, architecture, description, software }: AdapterFacts): string {
  const name = description || [vendor, architecture].filter(Boolean).join(' ');
  const kind = software ? ', a software adapter' : '';
  return `${name || 'one that the browser does not name'}${kind}`;
}
