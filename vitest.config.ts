import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Each deploys the twin and lets faults happen at every step, some ten minutes: `MILLRACE_LONG=1 npx vitest run test/cloud-faults`.
    exclude: process.env['MILLRACE_LONG'] === '1' ? [] : ['test/cloud-faults/{steps,bad-input}.test.ts'],
    // Tests on the twin wait more than they compute.
    maxWorkers: 2,
    typecheck: { enabled: true, include: ['test/**/*.test-d.ts'], tsconfig: './tsconfig.json' },
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
