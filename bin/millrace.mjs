#!/usr/bin/env node
// The entry is plain JavaScript, so that it can say what is missing before TypeScript can be read at all.
import { loader } from './loader.mjs';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`MR506  Node ${process.versions.node} is too old\n  try   install Node 20.19 or newer`);
  process.exit(5);
}
const jiti = await loader().catch(() => {
  console.error('MR507  the npm packages are not installed\n  try   npm run setup');
  process.exit(5);
});
// `environments.ts` is the user's, and so are changes of the rest.
const { main } = await jiti.import('./millrace.ts').catch((error) => {
  const text = String(error?.message ?? error);
  const [message, place] = text.split('\n').map((line) => line.trim());
  console.error(
    `MR533  a file of the project cannot be loaded: ${message}\n  at    ${place ?? 'environments.ts'}\n  try   run \`npx tsc --noEmit\``,
  );
  process.exit(5);
});
process.exitCode = await main(process.argv.slice(2));
