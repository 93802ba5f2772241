import { Collapsible } from 'radix-ui';
import { useId, useRef, useState } from 'react';
import {
  LONGEST_QUESTION,
  NO_TEACHER,
  SECTION_NAMES,
  SECTIONS,
  teachersLink,
  type TeacherLink,
} from '../../store/teacher_link';
import type { Lesson } from './lesson';

/** Builds a link that hides parts of the page, locks its settings and asks a question. */
export function TeacherForm({ lesson }: { lesson: Lesson | null }) {
  const [link, setLink] = useState<TeacherLink>(NO_TEACHER);
  const ids = useId();
  const change = (changes: Partial<TeacherLink>) => setLink({ ...link, ...changes });
  return (
    <Collapsible.Root className="teacher">
      <Collapsible.Trigger className="settings-trigger">Teacher’s link</Collapsible.Trigger>
      <Collapsible.Content className="teacher-form">
        <p className="small quiet">
          Opens {lesson === null ? 'the page' : `“${lesson.title}”`} as you set it up here. Nothing
          is kept or sent: it is all in the link, and whoever has the link can change it.
        </p>
        <label className="teacher-ask" htmlFor={`${ids}ask`}>
          Question for the class
          <textarea
            id={`${ids}ask`}
            rows={2}
            maxLength={LONGEST_QUESTION}
            value={link.ask ?? ''}
            // A line break would be a control character in the link.
            onChange={(event) => change({ ask: event.target.value.replace(/\s/g, ' ') })}
          />
        </label>
        <fieldset>
          <legend>Hide</legend>
          {SECTION_NAMES.map((name) => (
            <label key={name}>
              <input
                type="checkbox"
                checked={link.hidden.includes(name)}
                onChange={(event) =>
                  change({
                    hidden: SECTION_NAMES.filter((other) =>
                      other === name ? event.target.checked : link.hidden.includes(other),
                    ),
                  })
                }
              />
              {SECTIONS[name]}
            </label>
          ))}
        </fieldset>
        <label>
          <input
            type="checkbox"
            checked={link.locked}
            onChange={(event) => change({ locked: event.target.checked })}
          />
          Lock the settings
        </label>
        <CopyLink href={teachersLink(location.href, lesson?.id ?? null, link)} />
      </Collapsible.Content>
    </Collapsible.Root>
  );
}

function CopyLink({ href }: { href: string }) {
  const field = useRef<HTMLInputElement>(null);
  const [said, setSaid] = useState<{ readonly of: string; readonly text: string }>();
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(href);
      setSaid({ of: href, text: 'Copied.' });
    } catch {
      field.current?.select();
      setSaid({ of: href, text: 'The browser did not allow copying; the link is selected.' });
    }
  };
  return (
    <div className="teacher-copy">
      <input
        ref={field}
        readOnly
        aria-label="The link"
        value={href}
        onFocus={(event) => event.target.select()}
      />
      <button type="button" className="button" onClick={() => void copy()}>
        Copy link
      </button>
      <span className="small" aria-live="polite">
        {said?.of === href ? said.text : ''}
      </span>
    </div>
  );
}
