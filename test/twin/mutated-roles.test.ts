import { expect, test } from 'vitest';
import { isTwinInstalled } from '../../twin/ministack.ts';
import { takeEachAway } from '../../twin/proof/mutations.ts';
import { judge, nameOf } from '../../twin/recording/judge.ts';
import { takenAway } from '../../twin/recording/taken-away.ts';

// Some five minutes: `MILLRACE_LONG=1 npx vitest run test/twin/mutated-roles.test.ts`.
test.skipIf(!isTwinInstalled() || process.env['MILLRACE_LONG'] !== '1')(
  'if one needed statement of a role is removed, exactly its action fails, and it succeeds again afterwards',
  async () => {
    const { calls, templates, taken, faults } = await takeEachAway({ customers: 1000, tell: () => undefined }, []);
    expect(faults).toEqual([]);
    const { statements, needed } = judge(calls, templates);
    const failing = taken.map(({ digest }) => digest);
    expect(statements.filter((one) => needed.has(nameOf(one))).map(({ digest }) => digest)).toEqual(failing);
    expect(takenAway().map(({ digest }) => digest)).toEqual(failing);
  },
  900_000,
);
