import { useApi, useFormat, useProblemText } from '@liaison/core/web';
import { Dialog, ErrorNote, Progress } from '@liaison/ui';
import { useTranslation } from 'react-i18next';
import { listMessageVersions, type Message } from '../../contract/index.ts';
import classes from '../chat.module.css';
import { useMention } from './message-row.tsx';
import { WrittenText } from './written-text.tsx';

/** What an edited message was before, the newest first. */
export function HistoryDialog({ message, onClose }: { message: Message; onClose: () => void }) {
  const { t } = useTranslation('chat');
  const format = useFormat();
  const problem = useProblemText();
  const mention = useMention();
  const { data, error } = useApi(listMessageVersions, { params: { messageId: message.id } }, { staleMs: 0 });
  return (
    <Dialog opened onClose={onClose} title={t('history.title')} width={560}>
      {error ? <ErrorNote title={problem(error).text} /> : null}
      {!data && !error ? <Progress bare label={t('loading')} /> : null}
      <ol className={classes.versions}>
        <li>
          <b>{t('history.now')}</b>
          <WrittenText text={message.body} mention={mention} by={message.authorId} />
        </li>
        {data?.rows.map((version) => (
          <li key={version.writtenAt}>
            <b>{format.dateTime(version.writtenAt)}</b>
            <WrittenText text={version.body} mention={mention} by={message.authorId} />
          </li>
        ))}
      </ol>
    </Dialog>
  );
}
