import { useRun } from '../store/run';
import { useView } from '../store/view';
import { openLesson } from '../store/lesson';
import { openDialog } from './dialog/dialogs';
import { LessonsButton } from './lessons/LessonsButton';
import { useDarkTheme } from './theme';

/** Name, what this is in one sentence, what it runs on, and the theme. */
export function Header() {
  return (
    <header className="masthead">
      <div>
        <h1>RLVR Playground</h1>
        <p>
          Reinforcement learning from verifiable rewards: a program checks every answer of a small
          transformer, which learns from the verdicts, here in this tab. See why its entropy
          collapses.{' '}
          <button type="button" className="link-button" onClick={() => openLesson('rollouts')}>
            New here? The first lesson
          </button>
        </p>
      </div>
      <div className="masthead-side">
        <AdapterChip />
        <div className="masthead-tools">
          <LessonsButton />
          <button type="button" className="text-button" onClick={() => openDialog('runs')}>
            Library
          </button>
          <button type="button" className="text-button" onClick={() => openDialog('kernels')}>
            Kernels
          </button>
          <button
            type="button"
            className="text-button"
            aria-keyshortcuts="Control+K Meta+K"
            onClick={() => openDialog('palette')}
          >
            Commands
          </button>
          <ThemeToggle />
        </div>
      </div>
    </header>
  );
}

function AdapterChip() {
  const adapter = useRun((state) => state.adapter);
  const failed = useRun((state) => state.failure !== null);
  if (adapter === null) {
    return (
      <span className="chip" data-state="none">
        {failed ? 'no GPU in use' : 'looking for a GPU'}
      </span>
    );
  }
  const name = adapter.description || [adapter.vendor, adapter.architecture].join(' ').trim();
  if (adapter.software) {
    return (
      <span className="chip" data-state="software" title={name}>
        software adapter: smaller default
      </span>
    );
  }
  return (
    <span className="chip" data-state="hardware" title={name}>
      {name || 'GPU'}
    </span>
  );
}

function ThemeToggle() {
  const dark = useDarkTheme();
  const setTheme = useView((state) => state.setTheme);
  return (
    <button
      type="button"
      className="icon-button"
      aria-label="Dark theme"
      aria-pressed={dark}
      onClick={() => setTheme(dark ? 'light' : 'dark')}
    >
      <svg width="18" height="18" viewBox="0 0 18 18" aria-hidden="true">
        <circle cx="9" cy="9" r="6.5" fill="none" stroke="currentColor" strokeWidth="1.6" />
        <path d="M9 2.5a6.5 6.5 0 0 1 0 13z" fill="currentColor" />
      </svg>
    </button>
  );
}
