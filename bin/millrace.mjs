#!/usr/bin/env node
// The entry is plain JavaScript, so that it can say what is missing before TypeScript can be read at all.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`MR506  Node ${process.versions.node} is too old\n  try   install Node 20.19 or newer`);
  process.exit(5);
}
const { createJiti } = await import('jiti').catch(() => {
  console.error('MR507  the npm packages are not installed\n  try   npm run setup');
  process.exit(5);
});
const { main } = await createJiti(import.meta.url).import('./millrace.ts');
process.exitCode = await main(process.argv.slice(2));
