import { api, invalidate, useApi, useFormat, useLiveEvent, useSession } from '@liaison/core/web';
import { DossierItem, DossierNote, DossierSection, Link } from '@liaison/ui';
import { IconMessageCircle } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import {
  excerptOf,
  listWordsWith,
  type Message,
  messageSent,
  openDirect,
  sendMessage,
} from '../contract/index.ts';
import { chatPath, messagePath } from './go.ts';
import { useConversations, usePutConversation } from './state/chat-provider.tsx';
import { otherIn } from './state/names.ts';
import { newKey } from './state/new-key.ts';

/** The last words with somebody of the organisation who rings. */
export function SharedWords({ personId }: { personId: string | null }) {
  return personId === null ? null : <Words personId={personId} shown={3} />;
}

/** More of them on her page. */
export function SharedWordsWith({ person }: { person: { id: string } }) {
  return <Words personId={person.id} shown={6} />;
}

function Words({ personId, shown }: { personId: string; shown: number }) {
  const { t } = useTranslation('chat');
  const client = useQueryClient();
  const me = useSession().personId;
  const format = useFormat();
  const { data: list } = useConversations();
  const direct = list?.find((each) => each.kind === 'direct' && otherIn(each, me) === personId);
  const { data } = useApi(listWordsWith, { params: { personId }, query: { limit: shown } }, { staleMs: 0 });
  useLiveEvent(messageSent, () => void invalidate(client, [listWordsWith]));
  const placeOf = ({ conversationId, authorId }: Message): string => {
    const conversation = list?.find(({ id }) => id === conversationId);
    if (conversation?.kind === 'team') return conversation.title;
    return authorId === me ? t('shared.you') : t('shared.they');
  };
  return (
    <DossierSection
      icon={<IconMessageCircle size={16} />}
      title={t('shared.title')}
      action={direct ? <Link href={chatPath(direct.id)}>{t('shared.all')}</Link> : null}
    >
      {data?.rows.length === 0 ? <DossierNote>{t('shared.none')}</DossierNote> : null}
      {data?.rows.map((message) => (
        <DossierItem
          key={message.id}
          title={excerptOf(message.body) || t('shared.file')}
          second={placeOf(message)}
          time={format.row(message.sentAt)}
          href={messagePath(message)}
        />
      ))}
    </DossierSection>
  );
}

/** Carries the word of a refusal to the caller, as a message in the direct conversation. */
export function RefuseWithWord({
  personId,
  children,
}: {
  personId: string;
  children: (send: (text: string) => Promise<void>) => ReactNode;
}) {
  const put = usePutConversation();
  return children(async (text) => {
    const conversation = await api(openDirect, { body: { personId } });
    put(conversation);
    await api(sendMessage, {
      params: { conversationId: conversation.id },
      body: { clientKey: newKey(), body: text },
    });
  });
}
