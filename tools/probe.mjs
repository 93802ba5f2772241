/** Prints, as JSON, the adapter that Dawn gets here: {"name","software"} or null. Run by setup.mjs. */
import { prepareVulkan } from './environment.mjs';

const icd = prepareVulkan();
const { create } = await import('webgpu');
let adapter = await create([]).requestAdapter();
if (adapter === null && icd !== null) {
  process.env.VK_ICD_FILENAMES = icd;
  adapter = await create([]).requestAdapter();
}
const facts = adapter && {
  name: [adapter.info.vendor, adapter.info.description || adapter.info.architecture].join(' '),
  software: adapter.info.isFallbackAdapter,
};
console.log(JSON.stringify(facts));
