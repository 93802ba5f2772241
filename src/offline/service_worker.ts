import { Serwist, type PrecacheEntry, type SerwistGlobalConfig } from 'serwist';

declare const self: SerwistGlobalConfig & {
  /** Every file of the build with its revision, written in here by the build (vite.config.ts). */
  readonly __SW_MANIFEST: (string | PrecacheEntry)[];
};

/**
 * Keeps the whole site for use without a network: the page, its base policies, experiments and recorded runs, about 6 MB.
 * A newer version is fetched beside the old one and waits until no tab shows the page any more: one that trains must never
 * be given the worker, the shaders or a late part of another version.
 */
new Serwist({
  precacheEntries: self.__SW_MANIFEST,
  precacheOptions: {
    cleanupOutdatedCaches: true,
    // Links to an experiment or a lesson are this one page.
    ignoreURLParametersMatching: [/./],
  },
  skipWaiting: false,
  clientsClaim: false,
}).addEventListeners();
