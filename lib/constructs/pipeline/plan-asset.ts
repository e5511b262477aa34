import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import type { Construct } from 'constructs';
import { canonicalJson } from '../../plan/canonical-json.ts';
import type { Plan } from '../../plan/schema.ts';

/** The plan as an S3 object whose key is derived from its content: a changed plan is a new object, and a run in progress keeps its plan. */
export function planAsset(scope: Construct, id: string, plan: Plan): Asset {
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'millrace-plan-')), 'plan.json');
  writeFileSync(file, canonicalJson(plan, 1));
  return new Asset(scope, id, { path: file });
}
