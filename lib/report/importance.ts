import type { Dossier } from '../documents/model.ts';
import { count, percent, widthOf } from '../html/format.ts';
import { type Html, html } from '../html/html.ts';
import { code } from '../html/names.ts';

const shown = 12;

/** Each matrix column's share of the gain of all splits. */
export function importanceBars(importance: Dossier['importance']): Html {
  if (importance.length === 0) return html``;
  const sorted = [...importance].sort((a, b) => b.share - a.share);
  const most = sorted[0]!.share;
  const rows = (lines: typeof sorted) =>
    lines.map(
      (
        line,
      ) => html`<tr><th scope="row" title="${line.feature}">${code(line.feature)}</th><td class="wide"><div class="track"><i style="width:${widthOf(line.share, most)}"></i></div></td><td class="n">${percent(line.share)}</td></tr>
`,
    );
  const rest = sorted.slice(shown);
  return html`<figure class="double"><figcaption>Feature importance</figcaption>
<table class="bars"><caption class="unseen">Share of the gain by feature, greatest first</caption><tbody>${rows(sorted.slice(0, shown))}</tbody></table>
${rest.length > 0 && html`<details><summary>${count(rest.length)} more</summary><table class="bars"><caption class="unseen">The other features</caption><tbody>${rows(rest)}</tbody></table></details>`}
</figure>`;
}
