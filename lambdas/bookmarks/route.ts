import {
  type RewindRequest,
  rewind,
  type SetRequest,
  set,
  type WithdrawRequest,
  withdraw,
} from '../../lib/bookmarks/by-hand.ts';
import { type ClaimRequest, claim } from '../../lib/bookmarks/claim.ts';
import { type PeekRequest, peek } from '../../lib/bookmarks/peek.ts';
import type { BookmarkPorts } from '../../lib/bookmarks/ports.ts';
import { abort, commit, type SettleRequest } from '../../lib/bookmarks/release.ts';
import { MillraceError } from '../../lib/errors.ts';

export type BookmarksRequest =
  | ({ action: 'peek' } & PeekRequest)
  | ({ action: 'claim' } & ClaimRequest)
  | ({ action: 'commit' | 'abort' } & SettleRequest)
  | ({ action: 'rewind' } & RewindRequest)
  | ({ action: 'set' } & SetRequest)
  | ({ action: 'withdraw' } & WithdrawRequest);

/** The function's answer to a request: small enough for a Step Functions payload, for any number of inputs. */
export async function answer(request: BookmarksRequest, ports: BookmarkPorts): Promise<object> {
  switch (request.action) {
    case 'peek': {
      const { decisions, state } = await peek(request, ports);
      const items = decisions.items.map(({ task, mode, why }) => ({ task, mode, why }));
      return { items, skipped: decisions.skipped, claim: state.claim ?? null };
    }
    case 'claim':
      return (await claim(request, ports)).claimed;
    case 'commit':
      return commit(request, ports);
    case 'abort':
      return abort(request, ports);
    case 'rewind':
      return { forgotten: (await rewind(request, ports)).length };
    case 'set':
      return { taken: (await set(request, ports)).length };
    case 'withdraw':
      return { withdrawn: (await withdraw(request, ports)).length };
    default: {
      const { action } = request satisfies never as { action: unknown };
      const hint = 'use peek, claim, commit, abort, rewind, set or withdraw';
      throw new MillraceError([
        { code: 'MR515', path: 'action', message: `unknown action ${JSON.stringify(action)}`, hint },
      ]);
    }
  }
}
