import { codeOf, routeUrl, useProblemText } from '@liaison/core/web';
import { Button, Progress, Refusal } from '@liaison/ui';
import { useRouter } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { downloadFile, type FileNode, type ListedNode } from '../../contract/index.ts';
import { filePath, folderPath, useGo } from '../go.ts';
import { save } from '../save.ts';
import { useNode } from '../state/use-node.ts';
import classes from './viewer.module.css';
import { Viewer } from './viewer.tsx';

/** How near the end of what is here more is asked for. */
const nearEnd = 5;

/** A file of the folder that is open, with the way to those beside it. Going through them is one step back, not many. */
export function FolderViewer({
  fileId,
  folderId,
  rows,
  isWhole,
  onMore,
  onFacts,
  onShare,
}: {
  fileId: string;
  folderId: string;
  rows: readonly ListedNode[];
  isWhole: boolean;
  onMore: () => void;
  onFacts: (nodeId: string) => void;
  onShare: (file: FileNode) => void;
}) {
  const { t } = useTranslation('files');
  const problem = useProblemText();
  const { history } = useRouter();
  const go = useGo();
  const files = rows.filter(({ kind }) => kind === 'file');
  const at = files.findIndex(({ id }) => id === fileId);
  // One that is further on than the list has been scrolled, or was opened by its address.
  const asked = useNode(at < 0 ? fileId : undefined);
  const file = files[at] ?? asked.data?.node;
  const isNearEnd = at >= 0 && at > files.length - nearEnd;
  useEffect(() => {
    if (!isWhole && isNearEnd) onMore();
  }, [isWhole, isNearEnd, onMore]);
  const close = (): void => go(folderPath(folderId));
  const show = (other: ListedNode | undefined) =>
    other ? () => history.replace(filePath(other)) : undefined;
  if (file?.kind === 'file') {
    return (
      <Viewer
        file={file}
        place={at < 0 ? undefined : { at: at + 1, count: files.length, isWhole }}
        onPrevious={show(files[at - 1])}
        onNext={at < 0 ? undefined : show(files[at + 1])}
        onDownload={() => save(routeUrl(downloadFile, { params: { nodeId: file.id } }))}
        onFacts={() => onFacts(file.id)}
        onShare={() => onShare(file)}
        onClose={close}
      />
    );
  }
  return (
    <div className={classes.viewer}>
      {asked.error || file ? (
        <div className={classes.card}>
          <Refusal
            isPage
            title={
              !asked.error || codeOf(asked.error) === 'not-found'
                ? t('view.missing')
                : problem(asked.error).text
            }
            actions={<Button onClick={close}>{t('view.close')}</Button>}
          >
            {t('missing.why')}
          </Refusal>
        </div>
      ) : (
        <Progress bare label={t('loading')} />
      )}
    </div>
  );
}

/** A file by its own address: in its folder where that may be read, alone where it may not. */
export function FileAlone({
  file,
  path,
  onFacts,
  onShare,
}: {
  file: FileNode;
  path: readonly { readonly id: string }[];
  onFacts: (nodeId: string) => void;
  onShare: (file: FileNode) => void;
}) {
  const { history } = useRouter();
  const go = useGo();
  const inFolder = path.some(({ id }) => id === file.parentId) ? filePath(file) : null;
  useEffect(() => {
    if (inFolder !== null) history.replace(inFolder);
  }, [history, inFolder]);
  if (inFolder !== null) return null;
  return (
    <Viewer
      file={file}
      onDownload={() => save(routeUrl(downloadFile, { params: { nodeId: file.id } }))}
      onFacts={() => onFacts(file.id)}
      onShare={() => onShare(file)}
      onClose={() => go('/files')}
    />
  );
}
