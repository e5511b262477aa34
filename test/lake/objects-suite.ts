import { describe, expect, test } from 'vitest';
import { listFolders, type Objects, readText } from '../../lib/lake/objects.ts';

/** Tests that the objects of a folder and of a bucket must pass. `open` returns an empty store. */
export function objectsSuite(name: string, open: () => Promise<Objects>): void {
  describe(`the objects in ${name}`, () => {
    test('are read as they were written, bytes and text', async () => {
      const objects = await open();
      const bytes = Uint8Array.from([0, 255, 254, 10, 13, 128]);
      await objects.write('a/bytes.bin', bytes);
      await objects.write('a/text.json', '{"größe": "😀"}\n');
      expect(Uint8Array.from((await objects.read('a/bytes.bin'))!)).toEqual(bytes);
      expect(await readText(objects, 'a/text.json')).toBe('{"größe": "😀"}\n');
      await objects.write('a/empty', '');
      expect(await readText(objects, 'a/empty')).toBe('');
    });

    test('are undefined if there are none, even where a folder has the name', async () => {
      const objects = await open();
      expect([await objects.read('a'), await readText(objects, 'a/b/c.json')]).toEqual([undefined, undefined]);
    });

    test('are replaced by a second write, and many concurrent writers leave one of their texts', async () => {
      const objects = await open();
      await objects.write('x/one', 'first, which is longer');
      await objects.write('x/one', 'second');
      expect(await readText(objects, 'x/one')).toBe('second');
      await Promise.all(Array.from({ length: 20 }, (_, i) => objects.write('x/one', `text ${i}`)));
      expect(await readText(objects, 'x/one')).toMatch(/^text \d+$/);
      expect(await objects.list('x/')).toEqual(['one']);
    });

    test('are removed, also twice', async () => {
      const objects = await open();
      await objects.write('x/a', '1');
      await objects.write('x/b', '2');
      await objects.remove('x/a');
      await objects.remove('x/a');
      expect([await objects.read('x/a'), await objects.list('x/')]).toEqual([undefined, ['b']]);
    });

    test('are listed directly below a folder, sorted, with the folders beside them', async () => {
      const objects = await open();
      for (const key of [
        'm/v10/model.json',
        'm/v2/model.json',
        'm/v2/rows/0',
        'm/log.jsonl',
        'mm/no',
        'm/Ä #?%20+&.txt',
      ])
        await objects.write(key, key);
      expect(await objects.list('m/')).toEqual(['log.jsonl', 'v10/', 'v2/', 'Ä #?%20+&.txt']);
      expect(await objects.list('m/v2/')).toEqual(['model.json', 'rows/']);
      expect(await listFolders(objects, 'm/')).toEqual(['v10', 'v2']);
      expect(await readText(objects, 'm/Ä #?%20+&.txt')).toBe('m/Ä #?%20+&.txt');
      expect([await objects.list('none/'), await objects.list('m/log.jsonl/')]).toEqual([[], []]);
    });

    test('have a location that ends in the key', async () => {
      expect((await open()).location('runs/r1/work.json')).toMatch(/^(\/|s3:\/\/).*\/runs\/r1\/work\.json$/);
    });
  });
}
