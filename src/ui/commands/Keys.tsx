import type { Shortcut } from '../actions';

const NAMES: Readonly<Record<string, string>> = {
  ' ': 'Space',
  '.': '.',
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓',
  Escape: 'Esc',
};

const isMac = () => /Mac|iPhone|iPad/.test(navigator.userAgent);

/** The keys of a shortcut, as they are printed on the keyboard. */
export function keysOf({ key, mod = false, shift = false }: Shortcut, mac = isMac()): string[] {
  const name = NAMES[key] ?? (key.length === 1 ? key.toUpperCase() : key);
  return [...(mod ? [mac ? '⌘' : 'Ctrl'] : []), ...(shift ? [mac ? '⇧' : 'Shift'] : []), name];
}

export function Keys({ shortcut }: { shortcut: Shortcut }) {
  return (
    <span className="keys">
      {keysOf(shortcut).map((key) => (
        <kbd key={key}>{key}</kbd>
      ))}
    </span>
  );
}
