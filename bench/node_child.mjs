/** One case in a Node process of its own: gets the bundle and a request from bench/run.mjs, sends the answer back. */
import { pathToFileURL } from 'node:url';
import { prepareVulkan } from '../tools/environment.mjs';

prepareVulkan();

process.once('message', async ({ bundle, request }) => {
  let answer;
  try {
    const { measureInNode } = await import(pathToFileURL(bundle).href);
    answer = await measureInNode(request);
  } catch (error) {
    answer = { error: error.stack ?? String(error) };
  }
  process.send(answer, () => process.exit(0)); // Dawn may keep the process alive
});
