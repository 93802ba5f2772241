/** `npm start`: sets up, then serves the page for development and opens it where there is a screen. */
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

const { createServer } = await import('vite');
// `localhost`, not an address: WebGPU wants a secure context, and that is one everywhere.
const server = await createServer({ root, server: { open: screen && !env.CI } });
await server.listen();
server.printUrls();
server.bindCLIShortcuts({ print: process.stdin.isTTY === true });
