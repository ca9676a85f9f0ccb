import { useFormat } from '@liaison/core/web';
import { useTranslation } from 'react-i18next';
import classes from '../chat.module.css';
import { useTyping } from '../state/chat-provider.tsx';
import { shortName } from '../state/names.ts';
import type { usePeople } from '../state/people.ts';
import { typingPlace } from '../state/typing.ts';

/** Who is writing; its place is kept, so that nothing moves when somebody begins. */
export function TypingLine({
  conversationId,
  threadId,
  names,
}: {
  conversationId: string;
  threadId: string | null;
  names: ReturnType<typeof usePeople>;
}) {
  const { t } = useTranslation('chat');
  const format = useFormat();
  const who = useTyping(typingPlace(conversationId, threadId));
  const shown = who.slice(0, 3).map((id) => shortName(names.get(id)?.name ?? t('somebody')));
  const text =
    who.length === 0
      ? ''
      : who.length > 3
        ? t('typing.many')
        : t('typing.some', { count: shown.length, names: format.list(shown) });
  return (
    <p className={classes.typing} role="status">
      {text}
    </p>
  );
}
