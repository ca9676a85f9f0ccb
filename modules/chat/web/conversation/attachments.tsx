import { routeUrl, useFormat } from '@liaison/core/web';
import { Attachment, Button, Dialog, IconButton } from '@liaison/ui';
import {
  IconDownload,
  IconFileOff,
  IconFileSpreadsheet,
  IconFileText,
  IconFileTypePdf,
  IconFileZip,
  IconFolder,
  IconMusic,
  IconPhoto,
  IconVideo,
} from '@tabler/icons-react';
import { type CSSProperties, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { downloadAttachment, type Attachment as File, previewAttachment } from '../../contract/index.ts';
import classes from '../chat.module.css';

/** The largest box that a picture stands in, in pixels. */
const box = { width: 420, height: 320 };

/** Before a picture that did not come is asked for again, in milliseconds: it does not say whether it was lost on its way. */
const againAfterMs = [500, 2000];

/** Files of a message: pictures as pictures, with their place kept before they come, everything else to save. */
export function Attachments({ attachments }: { attachments: readonly File[] }) {
  if (attachments.length === 0) return null;
  return (
    <div className={classes.files}>
      {attachments.map((file) =>
        file.removed ? (
          <RemovedFile key={file.id} file={file} />
        ) : file.width !== null && file.height !== null ? (
          <Picture key={file.id} file={file} width={file.width} height={file.height} />
        ) : (
          <SavedFile key={file.id} file={file} />
        ),
      )}
    </div>
  );
}

const addressOf = (file: File): string => routeUrl(downloadAttachment, { params: { attachmentId: file.id } });

function SavedFile({ file }: { file: File }) {
  const { t } = useTranslation('chat');
  const format = useFormat();
  return (
    <Attachment
      name={file.name}
      detail={format.bytes(file.bytes)}
      icon={iconOf(file)}
      action={
        <>
          <InFiles file={file} />
          <IconButton aria-label={t('file.save', { name: file.name })} href={addressOf(file)}>
            <IconDownload size={18} />
          </IconButton>
        </>
      }
    />
  );
}

/** It was removed in Files: what it was called stays with what was said. */
function RemovedFile({ file }: { file: File }) {
  const { t } = useTranslation('chat');
  return <Attachment name={file.name} detail={t('file.removed')} icon={<IconFileOff size={19} />} />;
}

/** The way to the file of the space that it is. */
export function InFiles({ file }: { file: File }) {
  const { t } = useTranslation('chat');
  // What this device kept from before has none; what was removed is in the trash, or nowhere.
  if (!file.nodeId || file.removed) return null;
  return (
    <IconButton aria-label={t('file.inFiles', { name: file.name })} href={`/files/${file.nodeId}`}>
      <IconFolder size={18} />
    </IconButton>
  );
}

function Picture({ file, width, height }: { file: File; width: number; height: number }) {
  const { t } = useTranslation('chat');
  const [opened, setOpened] = useState(false);
  const [tries, setTries] = useState(0);
  const scale = Math.min(1, box.width / width, box.height / height);
  const style = {
    '--picture-width': `${Math.max(48, Math.round(width * scale))}px`,
    aspectRatio: `${width} / ${height}`,
  } as CSSProperties;
  const source = routeUrl(previewAttachment, { params: { attachmentId: file.id } });
  if (tries > againAfterMs.length) return <SavedFile file={file} />;
  return (
    <>
      <button
        type="button"
        className={classes.picture}
        style={style}
        aria-label={t('file.show', { name: file.name })}
        onClick={() => setOpened(true)}
      >
        <img
          key={tries}
          src={source}
          alt=""
          width={width}
          height={height}
          decoding="async"
          onError={() => void setTimeout(() => setTries(tries + 1), againAfterMs[tries] ?? 0)}
        />
      </button>
      <Dialog
        opened={opened}
        onClose={() => setOpened(false)}
        title={file.name}
        width={1100}
        footer={
          <>
            {file.nodeId ? (
              <Button variant="default" href={`/files/${file.nodeId}`} leftSection={<IconFolder size={17} />}>
                {t('file.inFilesShort')}
              </Button>
            ) : null}
            <Button variant="default" href={addressOf(file)} leftSection={<IconDownload size={17} />}>
              {t('file.saveShort')}
            </Button>
          </>
        }
      >
        <img className={classes.large} src={source} alt={file.name} width={width} height={height} />
      </Dialog>
    </>
  );
}

/** By what the file calls itself; only for the eye. */
export function iconOf(file: { name: string; mediaType: string }): ReactNode {
  const { mediaType, name } = file;
  const ending = name.split('.').at(-1)?.toLowerCase() ?? '';
  if (mediaType.startsWith('image/')) return <IconPhoto size={19} />;
  if (mediaType.startsWith('audio/')) return <IconMusic size={19} />;
  if (mediaType.startsWith('video/')) return <IconVideo size={19} />;
  if (ending === 'pdf') return <IconFileTypePdf size={19} />;
  if (['ods', 'xlsx', 'xls', 'csv'].includes(ending)) return <IconFileSpreadsheet size={19} />;
  if (['zip', 'gz', 'tar', '7z', 'xz'].includes(ending)) return <IconFileZip size={19} />;
  return <IconFileText size={19} />;
}
