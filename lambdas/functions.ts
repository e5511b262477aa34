import type { PipelineFunction } from '../lib/functions/pipeline-function.ts';
import { bookmarks } from './bookmarks/function.ts';
import { quality } from './quality/function.ts';
import { respond } from './respond/function.ts';
import { trigger } from './trigger/function.ts';

/** Every Lambda function of a pipeline. `PipelineStack` creates each of them. */
export const functions = [trigger, respond, bookmarks, quality] as const satisfies readonly PipelineFunction[];

export type FunctionName = (typeof functions)[number]['name'];
