import path from 'node:path';
import { defineConfig } from 'vitest/config';
import { alone } from './test/alone.ts';
import { SlowFirst } from './test/slow-first.ts';

const slowest = ['test/cloud-faults/{steps,bad-input}.test.ts'];
// Each deploys the twin and lets faults happen at every step, some ten minutes: `MILLRACE_ALL=1 npx vitest run test/cloud-faults`.
const left = ['MILLRACE_ALL', 'MILLRACE_LONG'].some((name) => process.env[name] === '1') ? [] : slowest;
const ownProcess = alone(path.join(import.meta.dirname, 'test'));

export default defineConfig({
  // A pipeline may lie outside of the project, as the loader of the CLI has it.
  resolve: {
    alias: [
      { find: /^millrace$/, replacement: path.join(import.meta.dirname, 'lib/definition/index.ts') },
      { find: /^millrace\/constructs$/, replacement: path.join(import.meta.dirname, 'lib/constructs/index.ts') },
    ],
  },
  test: {
    projects: [
      { extends: true, test: { name: 'alone', include: ownProcess, exclude: left } },
      // A process loads aws-cdk-lib, the SQL parser and our files once for all of these. That is most of what they cost.
      {
        extends: true,
        test: {
          name: 'together',
          include: ['test/**/*.test.ts'],
          exclude: ownProcess,
          isolate: false,
          typecheck: {
            enabled: true,
            checker: path.join(import.meta.dirname, 'node_modules/typescript-native/bin/tsc'),
            include: ['test/**/*.test-d.ts'],
            tsconfig: './tsconfig.json',
          },
        },
      },
    ],
    // Tests on the twin wait more than they compute.
    maxWorkers: 2,
    sequence: { sequencer: SlowFirst },
    // Only to catch a test that hangs: a busy machine may take ten times as long as a quiet one.
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
});
