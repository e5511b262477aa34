import { bucketObjects } from '../aws/s3.ts';
import { layout } from '../lake/layout.ts';
import { readText } from '../lake/objects.ts';
import type { Deployed } from './deployed-pipeline.ts';

/** The query plan of a task of a run, if it has one. */
export function queryPlan({ variables }: Deployed, run: string, task: string): Promise<string | undefined> {
  return readText(bucketObjects(variables.LAKE_BUCKET), layout.queryPlan(variables.PIPELINE, run, task));
}
