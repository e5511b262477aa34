import { getText } from '../aws/s3.ts';
import { layout } from '../lake/layout.ts';
import type { Deployed } from './deployed-pipeline.ts';

/** The query plan of a task of a run, if it has one. */
export function queryPlan({ variables }: Deployed, run: string, task: string): Promise<string | undefined> {
  return getText({ bucket: variables.LAKE_BUCKET, key: layout.queryPlan(run, task) });
}
