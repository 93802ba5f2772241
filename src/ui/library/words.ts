import type { ShelfEntry } from '../../store/library';

const MB = 2 ** 20;

/** 340 kB, 8.2 MB, 1.4 GB. */
export function bytesInWords(bytes: number): string {
  if (bytes < MB) return `${Math.max(1, Math.round(bytes / 1024))} kB`;
  if (bytes < 1024 * MB) return `${(bytes / MB).toFixed(bytes < 10 * MB ? 1 : 0)} MB`;
  return `${(bytes / 1024 / MB).toFixed(1)} GB`;
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

/** How long ago a moment (ISO 8601) was; after a week its date. `now` as of Date.now(). */
export function ago(moment: string, now: number): string {
  const seconds = Math.max(0, (now - Date.parse(moment)) / 1000);
  if (seconds < 50) return 'just now';
  if (seconds < HOUR) return relative.format(-Math.max(1, Math.round(seconds / MINUTE)), 'minute');
  if (seconds < DAY) return relative.format(-Math.round(seconds / HOUR), 'hour');
  if (seconds < 7 * DAY) return relative.format(-Math.round(seconds / DAY), 'day');
  return new Date(moment).toLocaleDateString('en', { dateStyle: 'medium' });
}

export function sizeInWords({ arms, seeds }: Pick<ShelfEntry, 'arms' | 'seeds'>): string {
  return `${arms} ${arms === 1 ? 'arm' : 'arms'} × ${seeds} ${seeds === 1 ? 'seed' : 'seeds'}`;
}
