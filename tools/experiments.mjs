/**
 * `npm run experiments`: writes docs/experiments.md and its figures from public/experiments and
 * public/runs. It is the command `rlvr report`, started as tools/rlvr.mjs starts all of them.
 */
process.argv.splice(2, 0, 'report');
await import('./rlvr.mjs');
