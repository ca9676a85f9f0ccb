import { api, useApi, useFormat, useSession } from '@liaison/core/web';
import { DossierItem, DossierNote, DossierSection } from '@liaison/ui';
import { IconMessageCircle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { excerptOf, listMessages, openDirect, sendMessage } from '../contract/index.ts';
import { messagePath } from './go.ts';
import { useConversations, usePutConversation } from './state/chat-provider.tsx';
import { otherIn } from './state/names.ts';
import { newKey } from './state/new-key.ts';

/** How many last words somebody sees of what she shares with a person. */
const shown = 3;

/** The last words with somebody: while she rings, and on her page. */
export function SharedWords({ personId }: { personId: string }) {
  const { t } = useTranslation('chat');
  const me = useSession().personId;
  const format = useFormat();
  const { data: list } = useConversations();
  const direct = list?.find((each) => each.kind === 'direct' && otherIn(each, me) === personId);
  const { data } = useApi(
    listMessages,
    direct ? { params: { conversationId: direct.id }, query: { limit: shown } } : null,
  );
  const words = data?.rows.filter((message) => !message.deleted).toReversed();
  return (
    <DossierSection icon={<IconMessageCircle size={16} />} title={t('shared.title')}>
      {direct === undefined || words?.length === 0 ? <DossierNote>{t('shared.none')}</DossierNote> : null}
      {words?.map((message) => (
        <DossierItem
          key={message.id}
          title={excerptOf(message.body) || t('shared.file')}
          second={message.authorId === me ? t('shared.you') : t('shared.they')}
          time={format.row(message.sentAt)}
          href={messagePath(message)}
        />
      ))}
    </DossierSection>
  );
}

/** The same on a person's page. */
export function SharedWordsWith({ person }: { person: { id: string } }) {
  return <SharedWords personId={person.id} />;
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
