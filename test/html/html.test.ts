import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { html, joined, textOf } from '../../lib/html/html.ts';

describe('the html tag', () => {
  it('escapes data and leaves markup', () => {
    expect(textOf(html`<b title="${`"'`}">${'<i> & `x`'}</b>`)).toBe(
      '<b title="&quot;&#39;">&lt;i&gt; &amp; &#96;x&#96;</b>',
    );
  });

  it('nests without escaping twice, joins lists, and drops false and undefined', () => {
    const item = html`<li>${'a&b'}</li>`;
    expect(textOf(html`<ul>${[item, item]}${false}${undefined}${0}</ul>`)).toBe(
      '<ul><li>a&amp;b</li><li>a&amp;b</li>0</ul>',
    );
    expect(textOf(html`${joined(['a', 'b', 'c'], ', ')}`)).toBe('a, b, c');
  });

  it('escapes text that could end a tag, an attribute or a word', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(textOf(html`${text}`)).not.toMatch(/[<>"'`]|&(?!(amp|lt|gt|quot|#39|#96);)/);
      }),
    );
  });

  it('makes marks visible that would reverse the direction of a name', () => {
    expect(textOf(html`${'report\u202excod.exe\u0000'}`)).toBe('report\ufffdxcod.exe\ufffd');
  });

  it('keeps ordinary text of any language', () => {
    expect(textOf(html`${'Zürich 東京 🙂 العربية\n'}`)).toBe('Zürich 東京 🙂 العربية\n');
  });
});
