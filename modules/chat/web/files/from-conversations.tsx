import {
  routeKey,
  routeUrl,
  useApiPages,
  useFormat,
  useLiveEvent,
  usePersonView,
  useProblemText,
  useSession,
} from '@liaison/core/web';
import type { FileElsewhere } from '@liaison/files';
import { Button, Empty, IconButton, PageBody, PageHeader, Progress, Refusal, Row, Rows } from '@liaison/ui';
import { IconFileOff, IconMessage, IconMessageCircle, IconUsersGroup } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import {
  type Conversation,
  downloadAttachment,
  listAttachments,
  type Message,
  messageChanged,
  messageSent,
  previewAttachment,
  type SentAttachment,
} from '../../contract/index.ts';
import { InFiles, iconOf } from '../conversation/attachments.tsx';
import { messagePath } from '../go.ts';
import { useConversations } from '../state/chat-provider.tsx';
import { otherIn } from '../state/names.ts';
import { usePeople } from '../state/people.ts';
import classes from './files.module.css';
import { conversationFilesPath, placePath } from './place.tsx';

export interface FromConversationsProps {
  /** The conversation that is open. */
  readonly part: string | null;
  readonly onView: (files: readonly FileElsewhere[], at: number) => void;
}

/** The files of conversations where other files are: who may read the one may read the other, and nobody else. */
export default function FromConversations({ part, onView }: FromConversationsProps) {
  const { t } = useTranslation('chat');
  const me = useSession().personId;
  const { data } = useConversations();
  const names = usePeople((data ?? []).flatMap((each) => otherIn(each, me) ?? []));
  const nameOf = (each: Conversation): string =>
    each.kind === 'team' ? each.title : (names.get(otherIn(each, me) ?? '')?.name ?? '');
  if (part !== null) {
    const open = data?.find(({ id }) => id === part);
    return (
      <ConversationFiles
        key={part}
        conversationId={part}
        name={open ? nameOf(open) : t('files.place')}
        onView={onView}
      />
    );
  }
  return (
    <>
      <PageHeader title={t('files.place')} meta={t('files.why')} />
      <PageBody label={t('files.place')} rows>
        {data ? null : <Progress bare label={t('files.loading')} />}
        {data?.length === 0 ? <Empty title={t('files.none')}>{t('files.noneWhy')}</Empty> : null}
        <Rows label={t('files.place')}>
          {data?.map((each) => (
            <Row
              key={each.id}
              compact
              face={each.kind === 'team' ? <IconUsersGroup /> : <IconMessageCircle />}
              name={nameOf(each)}
              href={conversationFilesPath(each.id)}
            />
          ))}
        </Rows>
      </PageBody>
    </>
  );
}

const toElsewhere = (file: SentAttachment): FileElsewhere => {
  const args = { params: { attachmentId: file.id } };
  return {
    id: file.id,
    name: file.name,
    mediaType: file.mediaType,
    bytes: file.bytes,
    content: routeUrl(downloadAttachment, args),
    drawn: file.width === null ? null : routeUrl(previewAttachment, args),
  };
};

function ConversationFiles({
  conversationId,
  name,
  onView,
}: {
  conversationId: string;
  name: string;
  onView: FromConversationsProps['onView'];
}) {
  const { t } = useTranslation('chat');
  const problem = useProblemText();
  const { history } = useRouter();
  const queries = useQueryClient();
  const files = useApiPages(listAttachments, { params: { conversationId } }, { staleMs: 0 });
  const again = () => void queries.invalidateQueries({ queryKey: routeKey(listAttachments) });
  const concerns = ({ data }: { data: Message | null }) => {
    if (data?.conversationId === conversationId) again();
  };
  useLiveEvent<Message | null>(messageSent.name, concerns);
  useLiveEvent<Message | null>(messageChanged.name, concerns);
  const back = () => history.push(placePath);
  const shown = files.rows?.filter(({ removed }) => !removed) ?? [];
  if (files.error && !files.rows) {
    return (
      <>
        <PageHeader title={t('files.place')} onBack={back} />
        <PageBody label={t('files.place')} padded>
          <Refusal
            title={problem(files.error).text}
            actions={<Button onClick={back}>{t('files.back')}</Button>}
          />
        </PageBody>
      </>
    );
  }
  return (
    <>
      <PageHeader title={name} meta={t('files.place')} onBack={back} />
      <PageBody label={name} rows>
        {files.rows ? null : <Progress bare label={t('files.loading')} />}
        {files.rows?.length === 0 ? <Empty title={t('files.none')}>{t('files.noneWhy')}</Empty> : null}
        <Rows label={name}>
          {files.rows?.map((file) => (
            <FileRow
              key={file.id}
              file={file}
              onView={() => onView(shown.map(toElsewhere), shown.indexOf(file))}
            />
          ))}
        </Rows>
        {files.hasNextPage ? (
          <Button variant="default" onClick={() => void files.fetchNextPage()}>
            {t('files.more')}
          </Button>
        ) : null}
      </PageBody>
    </>
  );
}

function FileRow({ file, onView }: { file: SentAttachment; onView: () => void }) {
  const { t } = useTranslation('chat');
  const format = useFormat();
  const author = usePersonView(file.authorId ?? '')?.name ?? '';
  const size = file.removed ? t('file.removed') : format.bytes(file.bytes);
  return (
    <Row
      face={
        <span className={classes.face}>
          {file.removed ? (
            <IconFileOff size={19} />
          ) : file.width === null ? (
            iconOf(file)
          ) : (
            <img
              src={routeUrl(previewAttachment, { params: { attachmentId: file.id } })}
              alt=""
              loading="lazy"
              decoding="async"
            />
          )}
        </span>
      }
      name={file.name}
      second={[size, author, format.row(file.sentAt)].filter(Boolean).join(' · ')}
      {...(file.removed ? {} : { onClick: onView })}
      action={
        <>
          <InFiles file={file} />
          <IconButton aria-label={t('files.toMessage', { name: file.name })} href={messagePath(file)}>
            <IconMessage size={18} />
          </IconButton>
        </>
      }
    />
  );
}
