/** Browsers since Chrome 83, Safari 26 and Firefox 148 have it; it is not yet among the compiler's types. */
interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL: (url: string) => string | null }): unknown;
}

/** The scripts that the page starts by address, beside index.html: two workers and the service worker. */
const OWN_SCRIPT = /^(?:assets\/(?:writer_)?worker-[\w-]+\.js|service_worker\.js)$/;

/**
 * The page's content security policy lets nothing become a script, or HTML, that no policy of ours has passed. This is the only
 * one, and it passes the addresses of our own workers alone. Call before the first worker starts.
 */
export function trustOwnScripts(scope: object = globalThis): void {
  const types = Reflect.get(scope, 'trustedTypes') as TrustedTypes | undefined;
  types?.createPolicy('default', {
    createScriptURL: (url) => (isOwnScript(url, document.baseURI) ? url : null),
  });
}

/** `page` is the address of index.html, or of the folder it lies in. */
export function isOwnScript(url: string, page: string): boolean {
  const folder = new URL('.', page).href;
  const { href } = new URL(url, page);
  return href.startsWith(folder) && OWN_SCRIPT.test(href.slice(folder.length));
}
