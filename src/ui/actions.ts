import { useAutosave } from '../store/autosave';
import { chooseRuns, ON_PAGE } from '../store/compare';
import { forkSteps } from '../store/fork_page';
import { goLive, reset, restore, stepOnce, toggleRun } from '../store/engine';
import { redo, undo } from '../store/undo';
import { isEdited, useExperiment } from '../store/experiment';
import { useHistory } from '../store/history';
import { openLessons, useLesson } from '../store/lesson';
import { openRecording } from '../store/replay';
import { canReset, canTrain, useRun } from '../store/run';
import { useView, type AxisKind, type Theme } from '../store/view';
import { saveNumbers } from './commands/saveNumbers';
import { openDialog } from './dialog/dialogs';

/**
 * Everything the page can be told to do in one stroke. The command palette, the keyboard help and the shortcuts all read
 * this list, so that an action is one entry here. What depends on data (arms, experiments, lessons) is in
 * commands/choices.ts, which only the palette loads.
 */
export interface Action {
  /** Unique; also what the palette finds it by, besides `words`. */
  readonly label: string;
  readonly group: ActionGroup;
  /** Does it wherever no control has its own use for the key. */
  readonly shortcut?: Shortcut;
  /** Further words to find it by. */
  readonly words?: readonly string[];
  /** Absent: always. */
  readonly available?: () => boolean;
  readonly run: () => void;
}

export const ACTION_GROUPS = [
  'Training',
  'Settings',
  'Arms',
  'View',
  'Open',
  'Experiments',
  'Lessons',
] as const;
export type ActionGroup = (typeof ACTION_GROUPS)[number];

export interface Shortcut {
  /** KeyboardEvent.key; letters in lower case. */
  readonly key: string;
  /** With Ctrl, or Command on a Mac. Works while a control has the focus, too. */
  readonly mod?: boolean;
  readonly shift?: boolean;
}

const AXES: Readonly<Record<AxisKind, string>> = {
  step: 'steps',
  updates: 'updates',
  tokens: 'rollout tokens',
  reward: 'reward',
};
const THEMES: Readonly<Record<Theme, string>> = {
  light: 'Light theme',
  dark: 'Dark theme',
  system: 'Theme of the system',
};

const status = () => useRun.getState().status;
const unlocked = () => !useLesson.getState().teacher.locked;

/** The actions that are always the same. */
export const ACTIONS: readonly Action[] = [
  {
    label: 'Run or pause',
    group: 'Training',
    shortcut: { key: ' ' },
    words: ['start', 'stop', 'train', 'play'],
    available: () => canTrain(status()),
    run: toggleRun,
  },
  {
    label: 'Train one step',
    group: 'Training',
    shortcut: { key: '.' },
    available: () => canTrain(status()) && status() !== 'running',
    run: stepOnce,
  },
  {
    label: 'Reset to step 0',
    group: 'Training',
    words: ['restart', 'start over'],
    available: () => canReset(useRun.getState()),
    run: reset,
  },
  {
    label: 'Play the recorded run',
    group: 'Training',
    words: ['record', 'replay'],
    available: () => useRun.getState().recorded === null && status() !== 'preparing',
    run: () => void openRecording(),
  },
  {
    label: 'Train live instead of the recorded run',
    group: 'Training',
    available: () => useRun.getState().recorded !== null && useRun.getState().adapter !== null,
    run: goLive,
  },
  {
    label: 'Undo the last change of a setting',
    group: 'Settings',
    shortcut: { key: 'z', mod: true },
    available: () => unlocked() && useHistory.getState().past.length > 0,
    run: undo,
  },
  {
    label: 'Redo',
    group: 'Settings',
    shortcut: { key: 'z', mod: true, shift: true },
    available: () => unlocked() && useHistory.getState().future.length > 0,
    run: redo,
  },
  {
    label: 'Restore all settings and start over',
    group: 'Settings',
    available: () => unlocked() && useExperiment.getState().arms.some(isEdited),
    run: restore,
  },
  ...(Object.keys(AXES) as AxisKind[]).map((axis): Action => ({
    label: `Plot against ${AXES[axis]}`,
    group: 'View',
    words: ['axis', 'x'],
    available: () => useView.getState().axis !== axis,
    run: () => useView.getState().setAxis(axis),
  })),
  {
    label: 'Show entropy up to ln V, or not',
    group: 'View',
    words: ['axis', 'uniform', 'scale'],
    run: () => {
      const { fullEntropyScale, setFullEntropyScale } = useView.getState();
      setFullEntropyScale(!fullEntropyScale);
    },
  },
  {
    label: 'Logarithmic axes, or linear',
    group: 'View',
    words: ['log', 'scale'],
    run: () => {
      const { logScale, setLogScale } = useView.getState();
      setLogScale(!logScale);
    },
  },
  {
    label: 'Show the whole run',
    group: 'View',
    words: ['zoom out', 'reset zoom'],
    available: () => useView.getState().zoom !== null,
    run: () => useView.getState().setZoom(null),
  },
  ...(Object.keys(THEMES) as Theme[]).map((theme): Action => ({
    label: THEMES[theme],
    group: 'View',
    words: ['colours', 'appearance'],
    available: () => useView.getState().theme !== theme,
    run: () => useView.getState().setTheme(theme),
  })),
  {
    label: 'Commands',
    group: 'Open',
    shortcut: { key: 'k', mod: true },
    words: ['palette', 'search'],
    run: () => openDialog('palette'),
  },
  {
    label: 'Keyboard help',
    group: 'Open',
    shortcut: { key: '?' },
    words: ['shortcuts', 'keys'],
    run: () => openDialog('help'),
  },
  {
    label: 'Kernels: shaders, memory, verification',
    group: 'Open',
    words: ['wgsl', 'gpu', 'verify', 'dispatches', 'conformance'],
    run: () => openDialog('kernels'),
  },
  {
    label: 'Runs: open, export, import, delete',
    group: 'Open',
    words: ['library', 'saved', 'kept', 'file', 'storage'],
    run: () => openDialog('runs'),
  },
  {
    label: 'Policies: import, inspect, sample, start from',
    group: 'Open',
    words: [
      'base policy',
      'model',
      'checkpoint',
      'hugging face',
      'transformers',
      'safetensors',
      'weights',
    ],
    run: () => openDialog('policies'),
  },
  {
    label: 'Fork this run with one setting changed',
    group: 'Training',
    words: ['branch', 'checkpoint', 'what if'],
    available: () => forkSteps() !== null,
    run: () => openDialog('fork'),
  },
  {
    label: 'Compare two arms',
    group: 'Open',
    words: ['difference', 'statistics', 'interval', 'paired'],
    available: () => useAutosave.getState().run !== null,
    run: () => {
      chooseRuns(ON_PAGE, ON_PAGE);
      openDialog('compare');
    },
  },
  { label: 'All lessons', group: 'Open', words: ['learn', 'tour'], run: openLessons },
  {
    label: 'Save all measured numbers as CSV',
    group: 'Open',
    words: ['export', 'download', 'metrics', 'data'],
    available: () => useRun.getState().step > 0,
    run: saveNumbers,
  },
];

/** What of a keyboard event decides. */
export type KeyPress = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>;

/** The action that a key press asks for, available or not. */
export function actionOf(press: KeyPress, actions = ACTIONS): Action | undefined {
  if (press.altKey) return undefined;
  const mod = press.ctrlKey || press.metaKey;
  const key = press.key.length === 1 ? press.key.toLowerCase() : press.key;
  return actions.find(({ shortcut }) => {
    if (shortcut?.key !== key || (shortcut.mod ?? false) !== mod) return false;
    // Which keys need Shift depends on the keyboard, as for "?": it counts with a letter only.
    return !/[a-z]/.test(key) || (shortcut.shift ?? false) === press.shiftKey;
  });
}

export const isAvailable = ({ available }: Action) => available?.() ?? true;
