import { IconButton } from '@liaison/ui';
import { IconMessageReply, IconX } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Conversation } from '../../contract/index.ts';
import classes from '../chat.module.css';
import { messagePath, useGo } from '../go.ts';

/**
 * Says that somebody named me in a thread, which the conversation itself does not show. It stays when the conversation is
 * read, until the thread was opened or the reader puts it away.
 */
export function NamedInThread({
  conversation,
  openThread,
}: {
  conversation: Conversation;
  openThread: string | undefined;
}) {
  const { t } = useTranslation('chat');
  const go = useGo();
  const [named, setNamed] = useState<{ seq: number; threadId: string } | null>(null);
  const { firstMention } = conversation;
  const seq = firstMention?.seq;
  const threadId = firstMention?.threadId ?? undefined;
  useEffect(() => {
    if (seq !== undefined && threadId !== undefined) setNamed({ seq, threadId });
  }, [seq, threadId]);
  if (!named || named.threadId === openThread) return null;
  return (
    <div className={classes.named} role="status">
      <IconMessageReply size={17} />
      <button
        type="button"
        onClick={() => {
          setNamed(null);
          go(messagePath({ conversationId: conversation.id, ...named }));
        }}
      >
        {t('log.named')}
      </button>
      <IconButton aria-label={t('log.namedAway')} onClick={() => setNamed(null)}>
        <IconX size={16} />
      </IconButton>
    </div>
  );
}
