import { Row } from '@liaison/ui';
import { IconMessages } from '@tabler/icons-react';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import type { FromConversationsProps } from './from-conversations.tsx';

/** What Files calls the files of conversations in its addresses. */
export const source = 'conversations';
export const placePath = `/files/from/${source}`;
export const conversationFilesPath = (conversationId: string): string => `${placePath}/${conversationId}`;

const FromConversations = lazy(() => import('./from-conversations.tsx'));

/** Among the places of Files. */
export function ConversationsPlace({ path }: { path: string }) {
  const { t } = useTranslation('chat');
  return (
    <Row
      compact
      face={<IconMessages />}
      name={t('files.place')}
      href={placePath}
      selected={path.startsWith(placePath)}
    />
  );
}

/** The page of that place. */
export function ConversationsPage(props: FromConversationsProps) {
  return (
    <Suspense fallback={null}>
      <FromConversations {...props} />
    </Suspense>
  );
}
