import { expect, test, vi } from 'vitest';
import { isOwnScript, trustOwnScripts } from '../../src/ui/trustedScripts';

const PAGE = 'https://course.example/rlvr/index.html?lesson=entropy-collapse';

test.each([
  'https://course.example/rlvr/assets/worker-CoNi8_qf.js',
  'https://course.example/rlvr/assets/writer_worker-D3YoZpXl.js',
  './service_worker.js',
])('%s is a script of the page', (url) => expect(isOwnScript(url, PAGE)).toBe(true));

test.each([
  'https://evil.example/rlvr/assets/worker-CoNi8_qf.js',
  'https://course.example/assets/worker-CoNi8_qf.js',
  'https://course.example/rlvr/assets/worker-CoNi8_qf.js?x',
  'https://course.example/rlvr/assets/../uploads/worker-a.js',
  'https://course.example/rlvr/assets/worker-a/b.js',
  '//evil.example/service_worker.js',
  'data:text/javascript,1',
  'blob:https://course.example/rlvr/assets/worker-a.js',
  './policies/maze.safetensors',
])('%s is none', (url) => expect(isOwnScript(url, PAGE)).toBe(false));

test('one policy is made, for addresses of scripts alone; browsers without Trusted Types have none', () => {
  const createPolicy = vi.fn();
  trustOwnScripts({ trustedTypes: { createPolicy } });
  expect(createPolicy).toHaveBeenCalledOnce();
  const [name, rules] = createPolicy.mock.calls[0] as [string, object];
  expect([name, ...Object.keys(rules)]).toEqual(['default', 'createScriptURL']);
  expect(() => trustOwnScripts({})).not.toThrow();
});
