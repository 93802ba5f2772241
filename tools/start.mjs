/** `npm start`: sets up, then serves the page for development and opens it where there is a screen. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { SetupError, ensurePackages } from './setup.mjs';
import { root } from './environment.mjs';

try {
  await ensurePackages();
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(error.message);
  process.exit(1);
}

const { env, platform } = process;
const screen =
  platform !== 'linux' || Boolean(env.DISPLAY || env.WAYLAND_DISPLAY || env.WSL_DISTRO_NAME);

// Vite's own command, in this process: its options work after `npm start --`, its keys in a terminal.
// It serves on `localhost`, which WebGPU counts as a secure context.
const open = screen && !env.CI ? ['--open'] : [];
const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
process.argv.splice(1, process.argv.length, vite, root, ...open, ...process.argv.slice(2));
await import(pathToFileURL(vite).href);
