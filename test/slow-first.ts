import path from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take longest, longest first: one that started last would keep a single core busy at the end. */
const slow = [
  'differential/spark',
  'differential/sail',
  'kills/kills',
  'cloud-faults/steps',
  'cloud-faults/bad-input',
  'deployed/deployed-on-twin',
  'e2e/churn',
  'e2e/faults',
  'aws/claimed-objects-on-twin',
  'twin/permissions-recorded',
  'twin/streams',
  'cli/without-account',
  'e2e/kept-rows',
  'e2e/deliveries',
  'deploy/delivery-on-twin',
].map((name) => path.join(import.meta.dirname, `${name}.test.ts`));

const placeOf = ({ moduleId }: TestSpecification) => {
  const at = slow.indexOf(moduleId);
  return at < 0 ? slow.length : at;
};

export class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).sort((one, other) => placeOf(one) - placeOf(other));
  }
}
