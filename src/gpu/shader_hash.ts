/** The text of every shader and shared part, by its place under src/shaders: what the kernels are compiled from. */
const texts = import.meta.glob<string>('../shaders/**/*.wgsl', {
  query: '?raw',
  import: 'default',
  eager: true,
});

export const shaderTexts: ReadonlyMap<string, string> = new Map(
  Object.entries(texts).map(([path, text]) => [path.replace('../shaders/', ''), text]),
);

/**
 * SHA-256 of shader texts, as 64 hex digits: of each, by name in the order of code units, its name and its text, each
 * followed by a zero. Names count, and where one text ends; the numbers that an adapter's kernels are compiled with
 * (Profile in device.ts) do not, since results do not depend on them. So the hash is the program's, not the device's.
 */
export async function shaderHash(of = shaderTexts): Promise<string> {
  const names = [...of.keys()].sort();
  const whole = names.map((name) => `${name}\0${of.get(name) ?? ''}\0`).join('');
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(whole));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
