import path from 'node:path';
import { loadPlan } from '../../lib/local/load.ts';
import { projectFolder } from '../../lib/local/root.ts';

const clicksFolder = path.join(projectFolder, 'test', 'fixtures', 'clicks');

/** A plan with two streamed sources and no model. */
export const clicks = await loadPlan(clicksFolder);
