import type { Between, Conversation } from '@liaison/chat';
import { dayOf, useApiPages, useFormat, useSession } from '@liaison/core/web';
import { CallRecord } from '@liaison/ui';
import { IconPhoneIncoming, IconPhoneOutgoing, IconPhoneX } from '@tabler/icons-react';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { listCalls } from '../contract/index.ts';
import { useRecordText } from './record-text.ts';

const dayMs = 86_400_000;
/** A whole day, so that a message more or less does not ask anew. */
const dayFloor = (at: string): string => new Date(Math.floor(Date.parse(at) / dayMs) * dayMs).toISOString();

/** The calls of two people, each between the messages that it fell between. */
export function ConversationCalls({
  conversation,
  from,
  to,
  shown,
}: Between & { conversation: Conversation; shown: Between }) {
  const me = useSession().personId;
  const other = conversation.kind === 'direct' ? conversation.memberIds.find((id) => id !== me) : undefined;
  return other === undefined ? null : <CallsBetween personId={other} from={from} to={to} shown={shown} />;
}

function CallsBetween({ personId, from, to, shown }: Between & { personId: string; shown: Between }) {
  const { t } = useTranslation('calls');
  const format = useFormat();
  const text = useRecordText();
  // One question for the whole page: all of its stretches ask the same.
  const { rows, hasNextPage, isFetchingNextPage, fetchNextPage } = useApiPages(
    listCalls,
    {
      query: {
        personId,
        limit: 200,
        ...(shown.from === null ? {} : { from: dayFloor(shown.from) }),
      },
    },
    { keepLast: true },
  );
  const oldest = rows?.at(-1)?.startedAt;
  const needed = shown.from ?? '';
  useEffect(() => {
    // The last stretch asks for all of them.
    if (to === null && hasNextPage && !isFetchingNextPage && oldest !== undefined && oldest > needed) {
      void fetchNextPage({ cancelRefetch: false });
    }
  }, [to, hasNextPage, isFetchingNextPage, oldest, needed, fetchNextPage]);
  const calls = (rows ?? [])
    .filter((call) => (from === null || call.startedAt >= from) && (to === null || call.startedAt < to))
    .reverse();
  return calls.map((call) => {
    const name = call.peer.name || t('recent.unknown');
    const outgoing = call.direction === 'outgoing';
    const sameDay = dayOf(call.startedAt, format.timeZone) === dayOf(to ?? Date.now(), format.timeZone);
    const time = sameDay ? format.time(call.startedAt) : format.dateTime(call.startedAt);
    const Icon = call.missed ? IconPhoneX : outgoing ? IconPhoneOutgoing : IconPhoneIncoming;
    return (
      <CallRecord
        key={call.id}
        icon={<Icon size={17} />}
        title={t(outgoing ? 'conversation.youCalled' : 'conversation.theyCalled', { name })}
        detail={
          <>
            <time dateTime={call.startedAt}>{time}</time> · {text(call)}
          </>
        }
      />
    );
  });
}
