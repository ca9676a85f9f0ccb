import { useSlot } from '@liaison/core/web';
import { memo } from 'react';
import { type Between, conversationItems } from '../../contract/index.ts';
import { useLogView } from './log-context.ts';

/** What others put between two messages. Drawn again only when the stretch of time changes. */
export const BetweenMessages = memo(function BetweenMessages({
  from,
  to,
  shownFrom,
  shownTo,
}: Between & { shownFrom: string | null; shownTo: string | null }) {
  const { conversation } = useLogView();
  const items = useSlot(conversationItems);
  return items.map((Item, at) => (
    <Item
      // biome-ignore lint/suspicious/noArrayIndexKey: the list is fixed while the page lives
      key={at}
      conversation={conversation}
      from={from}
      to={to}
      shown={{ from: shownFrom, to: shownTo }}
    />
  ));
});
