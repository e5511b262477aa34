import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { projectFolder } from '../../lib/local/root.ts';
import { isTwinInstalled } from '../../twin/ministack.ts';
import { recordPermissions } from '../../twin/proof/permissions.ts';
import { faultsOf, permissionsText } from '../../twin/recording/document.ts';
import { judge } from '../../twin/recording/judge.ts';
import { reasons } from '../../twin/recording/reasons.ts';

test.skipIf(!isTwinInstalled())(
  'the pipeline runs with what its roles allow, nothing is allowed for nothing, and docs/permissions.md says so',
  async () => {
    const { calls, templates } = await recordPermissions({ customers: 1000, tell: () => undefined });
    const judged = judge(calls, templates);
    expect(faultsOf(judged, reasons)).toEqual([]);
    expect(new Set(calls.map(({ role }) => role)).size).toBe(5);
    expect(judged.needed.length).toBeGreaterThan(15);
    expect(permissionsText(judged, reasons)).toBe(
      readFileSync(path.join(projectFolder, 'docs', 'permissions.md'), 'utf8'),
    );
  },
  240_000,
);
