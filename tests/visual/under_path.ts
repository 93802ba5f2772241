import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The site as GitHub Pages serves it: under a path, and nothing beside it. */
const BASE = '/rlvr/';

export interface Site {
  /** Of the page. */
  readonly address: string;
  /** What was asked for and is not there. */
  readonly missing: readonly string[];
  /** Alters the text of a file from now on; the name is relative to the page. */
  change(name: string, edit: (text: string) => string): void;
  close(): Promise<void>;
}

/** Serves the site at `origin` once more, under a path. */
export async function serveUnderPath(origin: string): Promise<Site> {
  const missing: string[] = [];
  const edits = new Map<string, (text: string) => string>();
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    if (!path.startsWith(BASE)) {
      missing.push(path);
      response.writeHead(404).end();
      return;
    }
    const name = path.slice(BASE.length);
    void fetch(new URL(name, origin)).then(async (file) => {
      const type = file.headers.get('content-type') ?? 'application/octet-stream';
      // A single-page server answers what is not there with the page itself.
      const isPage = type.startsWith('text/html');
      if (!file.ok || (isPage && !/^(index\.html)?(\?|$)/.test(name))) missing.push(path);
      const edit = edits.get(name);
      response.writeHead(file.status, { 'content-type': type });
      response.end(edit ? edit(await file.text()) : new Uint8Array(await file.arrayBuffer()));
    });
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}${BASE}`,
    missing,
    change: (name, edit) => void edits.set(name, edit),
    close: () => {
      server.closeAllConnections();
      return new Promise((closed) => server.close(() => closed()));
    },
  };
}
