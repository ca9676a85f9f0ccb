import { api, codeOf, routeUrl, useKeys, useProblemText } from '@liaison/core/web';
import {
  Button,
  DropHint,
  Empty,
  IconButton,
  Link,
  Menu,
  PageHeader,
  Progress,
  Refusal,
  TextInput,
  useFileDrop,
  useToasts,
} from '@liaison/ui';
import {
  IconDots,
  IconDownload,
  IconFolderPlus,
  IconFolderUp,
  IconLayoutGrid,
  IconLayoutList,
  IconSearch,
  IconUpload,
  IconUserShare,
} from '@tabler/icons-react';
import { useSearch } from '@tanstack/react-router';
import { lazy, Suspense, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  downloadFile,
  downloadFolder,
  type FileTree,
  type ListedNode,
  restoreNodes,
  setStar,
  trashNodes,
} from '../contract/index.ts';
import classes from './files.module.css';
import { filePath, folderPath, useGo } from './go.ts';
import { NodeGrid } from './list/node-grid.tsx';
import { NodeList } from './list/node-list.tsx';
import type { NodeVerb } from './list/node-menu.tsx';
import { useShape } from './list/use-shape.ts';
import { Missing } from './missing.tsx';
import { nameOf } from './places-list.tsx';
import { save } from './save.ts';
import { SearchResults } from './search-results.tsx';
import { type Order, useFolder } from './state/use-folder.ts';
import { useNode } from './state/use-node.ts';
import { useTroubleText } from './trouble.tsx';
import { readChosen, readDrop } from './uploads/dropped.ts';
import { UploadsPanel } from './uploads/uploads-panel.tsx';
import { useUploads } from './uploads/uploads-provider.tsx';
import { FileAlone, FolderViewer } from './viewer/folder-viewer.tsx';

const NameDialog = lazy(() => import('./dialogs/name-dialog.tsx'));
const ShareDialog = lazy(() => import('./sharing/share-dialog.tsx'));
const PlaceDialog = lazy(() => import('./dialogs/place-dialog.tsx'));

type Opened =
  | { readonly kind: 'create' }
  | { readonly kind: 'rename'; readonly node: ListedNode }
  | { readonly kind: 'share'; readonly node: Pick<ListedNode, 'id' | 'name' | 'kind'> }
  | { readonly kind: 'move' | 'copy'; readonly nodes: readonly ListedNode[] }
  | null;

/** What lies in a folder, and everything that can be done there. */
export function FolderPage({
  folderId,
  trees,
  onVersions,
}: {
  folderId: string;
  trees: readonly FileTree[];
  onVersions: (nodeId: string) => void;
}) {
  const { t } = useTranslation('files');
  const go = useGo();
  const toasts = useToasts();
  const trouble = useTroubleText();
  const problem = useProblemText();
  const [order, setOrder] = useState<Order>({ sort: 'name', isDescending: false });
  const [opened, setOpened] = useState<Opened>(null);
  const [wanted, setWanted] = useState('');
  const [shape, setShape] = useShape();
  const { queue } = useUploads();
  const filesField = useRef<HTMLInputElement>(null);
  const folderField = useRef<HTMLInputElement>(null);
  const searchField = useRef<HTMLInputElement>(null);
  const { file: fileId } = useSearch({ strict: false }) as { file?: string };
  const folder = useNode(folderId, trees);
  const tree = trees.find(({ id }) => id === folder.data?.node.treeId);
  const mayWrite = folder.data?.right === 'write' || folder.data?.right === 'manage';
  const drop = useFileDrop(mayWrite ? (dropped) => void readDrop(dropped).then(send) : null);

  const send = (dropped: ReturnType<typeof readChosen>): void => {
    queue
      ?.add(folderId, dropped)
      .catch((error: unknown) => toasts.show({ tone: 'danger', text: trouble(error) }));
  };
  const close = (): void => setOpened(null);
  useKeys([
    { keys: '/', label: t('keys.search'), group: t('title'), run: () => searchField.current?.focus() },
    ...(mayWrite
      ? [
          { keys: 'N', label: t('keys.folder'), group: t('title'), run: () => setOpened({ kind: 'create' }) },
          { keys: 'U', label: t('keys.upload'), group: t('title'), run: () => filesField.current?.click() },
        ]
      : []),
  ]);

  const trash = async (nodes: readonly ListedNode[]): Promise<void> => {
    const nodeIds = nodes.map(({ id }) => id);
    try {
      await api(trashNodes, { body: { nodeIds } });
      toasts.show({
        id: 'files-trashed',
        text: t('trashed', { count: nodes.length, name: nodes[0]?.name }),
        action: {
          label: t('undo'),
          onSelect: () =>
            void api(restoreNodes, { body: { nodeIds } }).catch((error: unknown) =>
              toasts.show({ tone: 'danger', text: trouble(error) }),
            ),
        },
      });
    } catch (error) {
      toasts.show({ tone: 'danger', text: trouble(error) });
    }
  };

  if (folder.error) {
    // An address that names nothing is as good as one of something that is gone.
    const isGone = ['not-found', 'invalid'].includes(codeOf(folder.error) ?? '');
    return <Missing why={isGone ? undefined : problem(folder.error).text} />;
  }
  const sharing =
    opened?.kind === 'share' ? (
      <ShareDialog node={opened.node} right={folder.data?.right ?? 'read'} onClose={close} />
    ) : null;
  if (folder.data?.node.kind === 'file') {
    return (
      <>
        <FileAlone
          file={folder.data.node}
          path={folder.data.path}
          onFacts={onVersions}
          onShare={(node) => setOpened({ kind: 'share', node })}
        />
        <Suspense fallback={null}>{sharing}</Suspense>
      </>
    );
  }
  const title =
    folder.data?.node.parentId === null && tree
      ? nameOf(tree, t('mine'))
      : (folder.data?.node.parentId && folder.data.node.name) || t('title');
  const verbs = (
    verb: NodeVerb,
    nodes: readonly ListedNode[],
    star: (nodeId: string, on: boolean) => void,
  ): void => {
    const [node] = nodes;
    if (!node) return;
    if (verb === 'rename' || verb === 'share') setOpened({ kind: verb, node });
    else if (verb === 'move' || verb === 'copy') setOpened({ kind: verb, nodes });
    else if (verb === 'trash') void trash(nodes);
    else if (verb === 'versions') onVersions(node.id);
    else if (verb === 'download') {
      for (const each of nodes) {
        save(routeUrl(each.kind === 'file' ? downloadFile : downloadFolder, { params: { nodeId: each.id } }));
      }
    } else if (verb === 'star') {
      const on = !node.starred;
      star(node.id, on);
      api(setStar, { params: { nodeId: node.id }, body: { on } }).catch((error: unknown) => {
        star(node.id, !on);
        toasts.show({ tone: 'danger', text: trouble(error) });
      });
    }
  };
  return (
    <div className={classes.page} {...drop.handlers}>
      {fileId === undefined ? (
        <PageHeader
          title={title}
          meta={<Crumbs path={folder.data?.path} top={tree ? nameOf(tree, t('mine')) : t('title')} />}
          actions={
            <>
              {mayWrite ? (
                <>
                  <Button
                    variant="default"
                    leftSection={<IconFolderPlus size={17} />}
                    onClick={() => setOpened({ kind: 'create' })}
                  >
                    {t('create.open')}
                  </Button>
                  <span data-keep>
                    <Button
                      leftSection={<IconUpload size={17} />}
                      onClick={() => filesField.current?.click()}
                    >
                      {t('upload.open')}
                    </Button>
                  </span>
                </>
              ) : null}
              <span data-keep>
                <Menu position="bottom-end">
                  <Menu.Target>
                    <IconButton aria-label={t('more')}>
                      <IconDots size={19} />
                    </IconButton>
                  </Menu.Target>
                  <Menu.Dropdown>
                    {mayWrite ? (
                      <>
                        <Menu.Item
                          leftSection={<IconFolderPlus size={16} />}
                          onClick={() => setOpened({ kind: 'create' })}
                        >
                          {t('create.open')}
                        </Menu.Item>
                        <Menu.Item
                          leftSection={<IconFolderUp size={16} />}
                          onClick={() => folderField.current?.click()}
                        >
                          {t('upload.folder')}
                        </Menu.Item>
                      </>
                    ) : null}
                    <Menu.Item
                      leftSection={<IconDownload size={16} />}
                      onClick={() => save(routeUrl(downloadFolder, { params: { nodeId: folderId } }))}
                    >
                      {t('downloadAll')}
                    </Menu.Item>
                    <Menu.Item
                      leftSection={<IconUserShare size={16} />}
                      onClick={() =>
                        setOpened({ kind: 'share', node: { id: folderId, name: title, kind: 'folder' } })
                      }
                    >
                      {t(folder.data?.right === 'manage' ? 'verb.share' : 'verb.who')}
                    </Menu.Item>
                  </Menu.Dropdown>
                </Menu>
              </span>
            </>
          }
        />
      ) : null}
      <input
        ref={filesField}
        type="file"
        multiple
        hidden
        aria-label={t('upload.open')}
        onChange={(event) => {
          send(readChosen(event.currentTarget.files as FileList));
          event.currentTarget.value = '';
        }}
      />
      <input
        ref={folderField}
        type="file"
        multiple
        hidden
        aria-label={t('upload.folder')}
        {...{ webkitdirectory: '' }}
        onChange={(event) => {
          send(readChosen(event.currentTarget.files as FileList));
          event.currentTarget.value = '';
        }}
      />
      {fileId === undefined ? (
        <div className={classes.tools}>
          <TextInput
            ref={searchField}
            className={classes.search}
            aria-label={t('search.label', { name: tree ? nameOf(tree, t('mine')) : t('title') })}
            placeholder={t('search.hint')}
            leftSection={<IconSearch size={17} />}
            maxLength={200}
            value={wanted}
            onChange={(event) => setWanted(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key === 'Escape') setWanted('');
            }}
          />
          <span className={classes.shape}>
            <IconButton
              aria-label={t(shape === 'grid' ? 'view.asList' : 'view.asGrid')}
              onClick={() => setShape(shape === 'grid' ? 'list' : 'grid')}
            >
              {shape === 'grid' ? <IconLayoutList size={19} /> : <IconLayoutGrid size={19} />}
            </IconButton>
          </span>
        </div>
      ) : null}
      {wanted.trim().length >= 2 && tree && fileId === undefined ? (
        <SearchResults q={wanted.trim()} treeId={tree.id} />
      ) : (
        <Folder
          key={`${order.sort} ${order.isDescending}`}
          folderId={folderId}
          name={title}
          order={order}
          onOrder={setOrder}
          mayWrite={mayWrite}
          isElsewhere={folder.data !== undefined && tree === undefined}
          onVerb={verbs}
          onOpen={(node) => go(node.kind === 'folder' ? folderPath(node.id) : filePath(node))}
          fileId={fileId}
          onFacts={onVersions}
          onUpload={() => filesField.current?.click()}
        />
      )}
      <UploadsPanel />
      <DropHint drop={drop}>{t('upload.drop', { name: title })}</DropHint>
      <Suspense fallback={null}>
        {opened?.kind === 'create' ? <NameDialog folderId={folderId} onClose={close} /> : null}
        {opened?.kind === 'rename' ? (
          <NameDialog folderId={folderId} node={opened.node} onClose={close} />
        ) : null}
        {sharing}
        {opened?.kind === 'move' || opened?.kind === 'copy' ? (
          <PlaceDialog
            kind={opened.kind}
            nodes={opened.nodes}
            from={folderId}
            trees={trees}
            onClose={close}
          />
        ) : null}
      </Suspense>
    </div>
  );
}

function Crumbs({
  path,
  top,
}: {
  path: readonly { readonly id: string; readonly name: string }[] | undefined;
  top: string;
}) {
  const { t } = useTranslation('files');
  if (!path || path.length === 0) return null;
  return (
    <nav aria-label={t('path')} className={classes.crumbs}>
      {path.map(({ id, name }, at) => (
        <span key={id}>
          {at > 0 ? <span aria-hidden="true"> › </span> : null}
          <Link href={folderPath(id)}>{at === 0 ? top : name}</Link>
        </span>
      ))}
    </nav>
  );
}

function Folder({
  folderId,
  name,
  order,
  onOrder,
  mayWrite,
  isElsewhere,
  onVerb,
  onOpen,
  fileId,
  onFacts,
  onUpload,
}: {
  folderId: string;
  name: string;
  order: Order;
  onOrder: (order: Order) => void;
  mayWrite: boolean;
  /** Of a place that is not mine: no event tells of it. */
  isElsewhere: boolean;
  onVerb: (verb: NodeVerb, nodes: readonly ListedNode[], star: (nodeId: string, on: boolean) => void) => void;
  onOpen: (node: ListedNode) => void;
  /** The one that is looked at. */
  fileId: string | undefined;
  onFacts: (nodeId: string) => void;
  onUpload: () => void;
}) {
  const { t } = useTranslation('files');
  const trouble = useTroubleText();
  const [shape] = useShape();
  const { rows, isWhole, error, more, reload, setStarred } = useFolder(folderId, order, isElsewhere);
  if (error && !rows) {
    return (
      <div className={classes.middle}>
        <Refusal
          title={trouble(error)}
          actions={<Button onClick={() => void reload()}>{t('again')}</Button>}
        />
      </div>
    );
  }
  if (!rows) return <Progress bare label={t('loading')} />;
  if (rows.length === 0) {
    return (
      <div className={classes.middle}>
        <Empty
          title={t('empty.title')}
          actions={mayWrite ? <Button onClick={onUpload}>{t('upload.open')}</Button> : undefined}
        >
          {t(mayWrite ? 'empty.why' : 'empty.read')}
        </Empty>
      </div>
    );
  }
  const shared = {
    label: name,
    rows,
    isWhole,
    onMore: more,
    mayWrite,
    onOpen,
    onVerb: (verb: NodeVerb, nodes: readonly ListedNode[]) => onVerb(verb, nodes, setStarred),
  };
  return (
    <>
      {/* What is looked at lies over the list, which stays where it was scrolled to. */}
      <div className={classes.under} inert={fileId !== undefined}>
        {shape === 'grid' ? (
          <NodeGrid {...shared} />
        ) : (
          <NodeList {...shared} order={order} onOrder={onOrder} />
        )}
      </div>
      {fileId === undefined ? null : (
        <FolderViewer
          fileId={fileId}
          folderId={folderId}
          rows={rows}
          isWhole={isWhole}
          onMore={more}
          onFacts={onFacts}
          onShare={(node) => onVerb('share', [{ ...node, starred: false }], setStarred)}
        />
      )}
    </>
  );
}
