/** Where a long command says how far it is: one rewritten line on a terminal, plain lines in a pipe. */
export class Progress {
  readonly #terminal = process.stderr.isTTY;
  readonly #started = performance.now();
  #lastPlain = 0;
  #open = false;

  /** `done` of `total`, with a few words on how it goes. */
  update(done: number, total: number, words: string): void {
    if (this.#terminal) {
      const line = `${bar(done, total)} ${done}/${total} ${words} ${this.#left(done, total)}`;
      process.stderr.write(`\r\x1b[2K${line.slice(0, (process.stderr.columns || 80) - 1)}`);
      this.#open = true;
      return;
    }
    // A log wants some lines, not thousands: about forty, and the last one.
    if (done === total || done - this.#lastPlain >= total / 40 || this.#lastPlain === 0) {
      this.#lastPlain = done;
      process.stderr.write(`${done}/${total} ${words}\n`);
    }
  }

  /** Prints a line of its own. */
  say(words: string): void {
    this.end();
    process.stderr.write(`${words}\n`);
  }

  /** Leaves the cursor on a new line. */
  end(): void {
    if (this.#open) process.stderr.write('\n');
    this.#open = false;
  }

  #left(done: number, total: number): string {
    if (done === 0) return '';
    const seconds = ((performance.now() - this.#started) / 1000 / done) * (total - done);
    return done < total ? `${duration(seconds)} left` : '';
  }
}

function bar(done: number, total: number): string {
  const full = Math.round((20 * done) / Math.max(1, total));
  return `[${'#'.repeat(full)}${'-'.repeat(20 - full)}]`;
}

/** "45 s", "3 min 20 s", "1 h 5 min". */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
