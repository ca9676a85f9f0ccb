import { useFormat, useProblemText, useSession } from '@liaison/core/web';
import { Message as MessageView } from '@liaison/ui';
import { useTranslation } from 'react-i18next';
import classes from '../chat.module.css';
import { useChat, usePendingFiles, useQueue } from '../state/chat-provider.tsx';
import type { SeenFile } from '../state/pending-files.ts';
import { problemOf } from '../state/problem-of.ts';
import type { Unsent } from '../state/send-queue.ts';
import { Attachments } from './attachments.tsx';
import { useAuthor, useMention } from './message-row.tsx';
import { PendingAttachments } from './pending-attachments.tsx';
import { WrittenText } from './written-text.tsx';

const none = new Blob();

/** A message of mine that is not with the others yet. */
export function UnsentRow({ unsent }: { unsent: Unsent }) {
  const { t } = useTranslation('chat');
  const { personId } = useSession();
  const format = useFormat();
  const { queue } = useChat();
  const problem = useProblemText();
  const { sending, stalled } = useQueue();
  const me = useAuthor(personId);
  const mention = useMention();
  const pending = usePendingFiles();
  // A file that another page of mine is sending is known by its name alone.
  const files = unsent.files.map(
    (file): SeenFile =>
      pending.find((each) => each.key === file.key) ?? {
        ...file,
        conversationId: unsent.conversationId,
        place: null,
        owner: '',
        order: 0,
        blob: none,
        attachment: null,
        uploadedAt: null,
        progress: 0,
        state: 'done',
        problem: null,
        kept: true,
      },
  );
  const uploading = files.some((file) => file.state === 'uploading');
  const refused = unsent.state === 'refused';
  const status = refused
    ? 'failed'
    : uploading
      ? 'sending'
      : stalled || sending !== unsent.clientKey
        ? 'queued'
        : undefined;
  return (
    <div className={classes.row} data-key={unsent.clientKey} data-unsent="" tabIndex={-1}>
      <MessageView
        by={me}
        time={format.time(unsent.writtenAt)}
        dateTime={unsent.writtenAt}
        attachments={
          <>
            <Attachments attachments={unsent.attachments} />
            {files.length > 0 ? (
              <PendingAttachments files={files} onRemove={(key) => queue.removeFile(unsent.clientKey, key)} />
            ) : null}
          </>
        }
        {...(status ? { status } : {})}
        {...(refused
          ? {
              failure: t('queue.refused', { why: problem(problemOf(unsent.problem ?? 'unexpected')).text }),
              onRetry: () => queue.retry(unsent.clientKey),
              onDiscard: () => queue.remove(unsent.clientKey),
            }
          : {})}
      >
        {unsent.body === '' ? null : <WrittenText text={unsent.body} mention={mention} by={personId} />}
      </MessageView>
    </div>
  );
}
