import { useApi } from '@liaison/core/web';
import { Dialog, Progress, Row, Rows, TextInput } from '@liaison/ui';
import { IconArrowUp, IconFolder, IconFolderHeart, IconSearch, IconUsersGroup } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  type FileNode,
  getNode,
  type ListedNode,
  listFolder,
  listTrees,
  searchFiles,
} from '../../contract/index.ts';
import classes from '../files.module.css';
import { FileIcon } from '../list/file-icon.tsx';
import { nameOf } from '../places-list.tsx';
import { Trouble } from '../trouble.tsx';

/** Chooses a file of mine or of my teams: by its name, or by going where it is. */
export default function ChooseFileDialog({
  onClose,
  onChoose,
}: {
  onClose: () => void;
  onChoose: (file: FileNode) => void;
}) {
  const { t } = useTranslation('files');
  const [typed, setTyped] = useState('');
  const [folderId, setFolderId] = useState<string | null>(null);
  const q = typed.trim();
  const choose = (node: ListedNode): void => (node.kind === 'folder' ? goTo(node.id) : onChoose(node));
  const goTo = (id: string | null): void => {
    setTyped('');
    setFolderId(id);
  };
  return (
    <Dialog opened onClose={onClose} title={t('choose.title')}>
      <div className={classes.stack}>
        <TextInput
          aria-label={t('search.hint')}
          placeholder={t('search.hint')}
          leftSection={<IconSearch size={17} />}
          maxLength={200}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <div className={classes.places}>
          {q.length >= 2 ? (
            <Found q={q} onChoose={choose} />
          ) : folderId === null ? (
            <Places onChoose={goTo} />
          ) : (
            <Inside folderId={folderId} onUp={goTo} onChoose={choose} />
          )}
        </div>
        <p className={classes.quiet}>{t('choose.why')}</p>
      </div>
    </Dialog>
  );
}

function Nodes({
  rows,
  label,
  onChoose,
}: {
  rows: readonly ListedNode[];
  label: string;
  onChoose: (node: ListedNode) => void;
}) {
  return (
    <Rows label={label}>
      {rows.map((node) => (
        <Row
          key={node.id}
          compact
          face={node.kind === 'folder' ? <IconFolder /> : <FileIcon node={node} />}
          name={node.name}
          onClick={() => onChoose(node)}
        />
      ))}
    </Rows>
  );
}

function Found({ q, onChoose }: { q: string; onChoose: (node: ListedNode) => void }) {
  const { t } = useTranslation('files');
  const found = useApi(searchFiles, { query: { q } }, { keepLast: true, staleMs: 5000 });
  return (
    <>
      <Trouble error={found.error} />
      {found.data?.rows.length === 0 ? <p className={classes.quiet}>{t('search.none', { q })}</p> : null}
      {found.data ? <Nodes rows={found.data.rows} label={t('search.results')} onChoose={onChoose} /> : null}
    </>
  );
}

function Places({ onChoose }: { onChoose: (folderId: string) => void }) {
  const { t } = useTranslation('files');
  const trees = useApi(listTrees);
  return (
    <>
      <Trouble error={trees.error} />
      <Rows label={t('places')}>
        {trees.data?.rows.map((tree) => (
          <Row
            key={tree.id}
            compact
            face={tree.kind === 'personal' ? <IconFolderHeart /> : <IconUsersGroup />}
            name={nameOf(tree, t('mine'))}
            onClick={() => onChoose(tree.rootId)}
          />
        ))}
      </Rows>
    </>
  );
}

function Inside({
  folderId,
  onUp,
  onChoose,
}: {
  folderId: string;
  onUp: (folderId: string | null) => void;
  onChoose: (node: ListedNode) => void;
}) {
  const { t } = useTranslation('files');
  const folder = useApi(getNode, { params: { nodeId: folderId } });
  const inside = useApi(listFolder, { params: { nodeId: folderId }, query: { limit: 500 } });
  return (
    <>
      <Trouble error={folder.error ?? inside.error} />
      <Rows label={t('path')}>
        <Row
          compact
          face={<IconArrowUp />}
          name={t(folder.data?.node.parentId == null ? 'allPlaces' : 'up')}
          onClick={() => onUp(folder.data?.node.parentId ?? null)}
        />
      </Rows>
      {inside.data ? (
        <Nodes rows={inside.data.rows} label={folder.data?.node.name || t('title')} onChoose={onChoose} />
      ) : (
        <Progress bare label={t('loading')} />
      )}
    </>
  );
}
