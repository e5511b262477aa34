import { cp, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Chance } from '../differential/chance.ts';

/** Two input folders for the pipeline in `test/fixtures/kills`: the first day, and the same with new and corrected rows of a second day. */
export async function writeInput(folder: string): Promise<{ first: string; second: string }> {
  const [first, second] = [path.join(folder, 'first'), path.join(folder, 'second')];
  const chance = new Chance(7);
  await write(first, 'people/1.csv', people(0, 300, chance));
  await write(first, 'people/2.csv', people(300, 340, chance));
  await write(first, 'visits/1.json', visits(0, 340, chance));
  await cp(first, second, { recursive: true });
  await write(second, 'people/2.csv', people(310, 345, chance));
  await write(second, 'people/3.csv', people(320, 400, chance));
  await write(second, 'visits/2.json', visits(300, 420, chance));
  return { first, second };
}

async function write(folder: string, name: string, lines: readonly string[]): Promise<void> {
  const file = path.join(folder, name);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, lines.map((line) => `${line}\n`).join(''));
}

/** Some customers stay, more likely in the north; some have no label yet; some lines are broken. */
function people(from: number, to: number, chance: Chance): string[] {
  const lines = ['id,town,stays,seen'];
  for (let i = from; i < to; i++) {
    const town = chance.of(['north', 'south', '']);
    const stays = chance.often(0.2) ? '' : chance.often(town === 'north' ? 0.8 : 0.3) ? '1' : '0';
    lines.push(`p${i},${town},${stays},2025-01-${String(chance.int(10, 28))}`);
    if (i % 50 === 0) lines.push('too,few', ' ,north,1,2025-01-01');
  }
  return lines;
}

function visits(from: number, to: number, chance: Chance): string[] {
  const lines: string[] = [];
  for (let i = from; i < to; i++) {
    const at = `2025-01-${String(chance.int(10, 28))}T00:00:00Z`;
    lines.push(JSON.stringify({ id: `p${i}`, at, minutes: chance.int(0, 60) }));
    if (i % 60 === 0) lines.push('{"id": oops', JSON.stringify({ id: `p${i}`, at, minutes: -1 }));
  }
  return lines;
}
