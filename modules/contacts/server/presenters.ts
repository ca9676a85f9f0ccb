import type { Core } from '@liaison/core/floor';
import { settingsChanged } from '../contract/index.ts';

/** Her settings are told to herself. */
export function addPresenters({ live }: Pick<Core, 'live'>): void {
  live.present(settingsChanged, async (_orgId, events) =>
    events.map(({ payload: { personId } }) => ({ data: {}, only: [personId] })),
  );
}
