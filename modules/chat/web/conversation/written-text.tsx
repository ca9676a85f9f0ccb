import { LiveText } from '@liaison/core/web';
import { useTranslation } from 'react-i18next';
import { Markdown, type MarkdownProps } from '../markdown/markdown.tsx';

/** What somebody wrote, drawn in the words of this page's language. */
export function WrittenText({
  text,
  mention,
  by,
}: Pick<MarkdownProps, 'text' | 'mention'> & { by: string | null }) {
  const { t } = useTranslation('chat');
  const labels = {
    apart: t('message.apart'),
    table: t('message.table'),
    done: t('message.taskDone'),
    open: t('message.taskOpen'),
  };
  return (
    <Markdown
      text={text}
      mention={mention}
      labels={labels}
      words={(piece, link) => <LiveText text={piece} writtenBy={by} {...(link ? { link } : {})} />}
    />
  );
}
