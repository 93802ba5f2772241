import { serwist } from '@serwist/vite';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

/** The same policy as public/_headers, for hosts that cannot send headers (GitHub Pages). */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data: blob:",
  "style-src 'self'",
  "font-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** In builds only: the development server's hot reload needs inline scripts. */
function contentSecurityPolicyMeta(): Plugin {
  return {
    name: 'content-security-policy-meta',
    apply: 'build',
    transformIndexHtml: () => [
      {
        tag: 'meta',
        attrs: { 'http-equiv': 'Content-Security-Policy', content: contentSecurityPolicy },
        injectTo: 'head-prepend',
      },
    ],
  };
}

/** src/offline with the list of all files of the build. */
function offline(): Plugin[] {
  return serwist({
    swSrc: 'src/offline/service_worker.ts',
    swDest: 'service_worker.js',
    swUrl: 'service_worker.js',
    globDirectory: 'dist',
    globPatterns: ['**/*'],
    // neighbours.json is the largest record, and nothing on the page opens it: 57 runs are for the command line.
    globIgnores: ['_headers', '**/*.map', 'runs/neighbours.json'],
    maximumFileSizeToCacheInBytes: 32 * 2 ** 20, // by default a larger one than 2 MiB is left out
    rollupFormat: 'iife',
    integration: {
      configureOptions: ({ build }, options) => {
        options.globDirectory = build.outDir;
        options.disable = !build.write; // a test that bundles in memory
      },
    },
  });
}

export default defineConfig({
  base: './',
  plugins: [react(), contentSecurityPolicyMeta(), offline()],
  optimizeDeps: { entries: 'index.html' }, // not bench/index.html, whose libraries are installed on demand
  worker: { format: 'es' },
  build: {
    // Every browser with WebGPU has all of these; nothing is compiled down for others.
    target: ['es2023', 'chrome113', 'safari26', 'firefox141'],
    assetsInlineLimit: 0, // the policy above allows no data: fonts
    modulePreload: { polyfill: false },
  },
});
