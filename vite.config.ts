import { readFileSync } from 'node:fs';
import { serwist } from '@serwist/vite';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

/**
 * What the page may do, as a meta element for hosts that cannot send headers (GitHub Pages) and as a header for those that
 * can. The one script address that is made, a worker's, goes through the policy in src/ui/trustedScripts.ts; HTML is never
 * made from text.
 */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self'",
  "connect-src 'self'",
  "img-src 'self' blob:", // the picture that a chart is saved as
  "style-src 'self'",
  "font-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types default',
].join('; ');

/**
 * As in public/_headers. Course pages may show the playground in a frame: it holds no account, and a frame of another site is
 * given a storage of its own. WebGPU needs a secure context, which a frame inside a page over http is not, so https loses nobody.
 */
export const securityHeaders = {
  'Content-Security-Policy': `${contentSecurityPolicy}; frame-ancestors 'self' https: http://localhost:* http://127.0.0.1:*`,
  'Cross-Origin-Opener-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Permissions-Policy':
    'camera=(), microphone=(), geolocation=(), display-capture=(), usb=(), serial=(), hid=(), bluetooth=(), payment=()',
} as const;

/** Hot reload needs inline scripts: the development server sends all but the policy. */
const developmentHeaders = Object.fromEntries(
  Object.entries(securityHeaders).filter(([name]) => name !== 'Content-Security-Policy'),
);

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

const LICENCES = 'licences.txt';

/** Vite lists what the page bundles; the service worker is a bundle of its own. */
function licenceOfServiceWorker(): Plugin {
  return {
    name: 'licence-of-service-worker',
    apply: 'build',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        const list = bundle[LICENCES];
        if (list?.type !== 'asset') return this.error(`the build has made no ${LICENCES}`);
        const text = readFileSync(new URL('node_modules/serwist/LICENSE', import.meta.url), 'utf8');
        list.source = `${String(list.source).trimEnd()}\n\n## serwist (MIT)\n\n${text}`;
      },
    },
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
  plugins: [react(), contentSecurityPolicyMeta(), licenceOfServiceWorker(), offline()],
  optimizeDeps: { entries: 'index.html' }, // not bench/index.html, whose libraries are installed on demand
  worker: { format: 'es' },
  server: { headers: developmentHeaders },
  preview: { headers: securityHeaders },
  build: {
    // Every browser with WebGPU has all of these; nothing is compiled down for others.
    target: ['es2023', 'chrome113', 'safari26', 'firefox141'],
    assetsInlineLimit: 0, // the policy above allows no data: fonts
    modulePreload: { polyfill: false },
    license: { fileName: LICENCES }, // of everything that is bundled; the foot of the page links to it
  },
});
