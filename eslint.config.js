import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import { createNodeResolver, importX } from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

/**
 * Imports run one way (ARCHITECTURE.md): each layer of src/ with the layers it may import.
 * `reference` is the oracle that the kernels are judged by, so it and `gpu` share nothing; `ui` never
 * touches the GPU, which lives in the worker.
 */
const numbers = ['errors', 'recipe', 'tasks', 'model', 'rl'];
const mayImport = {
  errors: [],
  recipe: numbers,
  tasks: numbers,
  model: numbers,
  rl: numbers,
  reference: numbers,
  shaders: [],
  gpu: [...numbers, 'shaders'],
  engine: [...numbers, 'gpu'],
  // Looks at kernels and twins side by side, so it stands above both.
  verify: [...numbers, 'gpu', 'reference'],
  storage: numbers,
  export: [...numbers, 'storage'],
  worker: [...numbers, 'gpu', 'engine', 'verify', 'storage', 'export'],
  cli: [...numbers, 'gpu', 'engine', 'storage', 'export'],
  offline: [],
  // The kernels drawer shows the text of the shaders.
  store: [...numbers, 'shaders', 'worker', 'storage', 'export'],
  ui: [...numbers, 'reference', 'store'],
};

const layers = Object.entries(mayImport).map(([layer, others]) => {
  const allowed = [...new Set([layer, ...others])];
  // What the page saves of a chart is its own.
  const paths = layer === 'ui' ? [...allowed, 'worker/protocol.ts', 'export/csv.ts'] : allowed;
  return {
    target: `./src/${layer}`,
    from: './src',
    except: paths.map((path) => `./${path}`),
    message: `src/${layer} may import only: ${paths.join(', ')}.`,
  };
});

/** The two sides of the worker meet in the protocol, so neither side may leak through it or the client. */
const workerSides = [
  {
    target: './src/worker/protocol.ts',
    from: './src',
    except: numbers.map((path) => `./${path}`),
    message: 'The protocol is types of the pure layers only.',
  },
  {
    target: './src/worker/client.ts',
    from: './src',
    except: [...numbers.map((path) => `./${path}`), './worker'],
    message: 'The client runs on the page: no GPU, no engine.',
  },
  {
    target: './src/store',
    from: './src/worker/worker.ts',
    message: 'The page talks to the worker through src/worker/client.ts.',
  },
];

const pureLayers = [...numbers, 'reference', 'shaders', 'gpu', 'engine', 'verify'].map(
  (layer) => `src/${layer}/**`,
);
/** Nothing on the page is made from text but text: what a file or a link says stays what it says (SECURITY.md). */
const textOnly = 'HTML is never made from text: let React write it.';
const htmlFromText = [
  ...['innerHTML', 'outerHTML', 'insertAdjacentHTML', 'setHTMLUnsafe', 'srcdoc'],
  ...['createContextualFragment', 'parseFromString', 'parseHTMLUnsafe'],
].map((property) => ({ property, message: textOnly }));
const htmlInMarkup = [
  'JSXAttribute[name.name=/^(dangerouslySetInnerHTML|srcDoc)$/]',
  "Property[key.name='dangerouslySetInnerHTML']",
  "CallExpression[callee.object.name='document'][callee.property.name=/^write(ln)?$/]",
].map((selector) => ({ selector, message: textOnly }));

const notPortable =
  'The same code runs in the browser, in a worker and in Node: leave this to src/cli or src/ui.';

export default defineConfig(
  globalIgnores(['dist/', 'test-results/', 'playwright-report/', 'runs/', 'public/', 'coverage/']),
  js.configs.recommended,
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.recommendedTypeChecked],
    plugins: { 'import-x': importX },
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    settings: {
      'import-x/resolver-next': [createTypeScriptImportResolver(), createNodeResolver()],
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts', '.tsx'] },
      'import-x/extensions': ['.ts', '.tsx'],
    },
    rules: {
      'no-undef': 'off', // the compiler's job
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'prefer-const': 'error',
      'no-console': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
    },
  },
  {
    files: ['src/**'],
    rules: {
      'max-lines': ['error', 400],
      'import-x/no-cycle': 'error',
      'import-x/no-default-export': 'error',
      'no-eval': 'error',
      'no-new-func': 'error',
      'no-script-url': 'error',
      'no-restricted-properties': ['error', ...htmlFromText],
      'no-restricted-syntax': ['error', ...htmlInMarkup],
      'import-x/no-restricted-paths': [
        'error',
        { basePath: import.meta.dirname, zones: [...layers, ...workerSides] },
      ],
    },
  },
  {
    files: pureLayers,
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ group: ['node:*', 'webgpu', 'react', 'react-dom'], message: notPortable }] },
      ],
      'no-restricted-globals': [
        'error',
        ...['window', 'document', 'localStorage', 'process', 'Buffer'].map((name) => ({
          name,
          message: notPortable,
        })),
      ],
    },
  },
  {
    // A zustand store's actions are functions beside the state and use no `this`.
    files: ['src/ui/**', 'src/store/**', 'tests/**'],
    rules: { '@typescript-eslint/unbound-method': 'off' },
  },
  {
    files: ['src/cli/**', 'tests/**', 'bench/**', 'tools/**'],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['tests/**', 'bench/**'],
    rules: { '@typescript-eslint/no-non-null-assertion': 'off' },
  },
  {
    files: ['**/*.js', '**/*.mjs'],
    languageOptions: {
      globals: Object.fromEntries(
        [
          'process',
          'console',
          'URL',
          'fetch',
          'AbortSignal',
          'performance',
          'setTimeout',
          'clearTimeout',
        ].map((name) => [name, 'readonly']),
      ),
    },
    rules: { 'preserve-caught-error': 'off' },
  },
);
