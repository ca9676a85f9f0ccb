import { IconButton, Menu } from '@liaison/ui';
import {
  IconCopy,
  IconDots,
  IconDownload,
  IconFolderSymlink,
  IconHistory,
  IconPencil,
  IconStar,
  IconStarOff,
  IconTrash,
  IconUserShare,
} from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { ListedNode } from '../../contract/index.ts';

/** What can be done with nodes of a folder. */
export type NodeVerb = 'download' | 'share' | 'rename' | 'move' | 'copy' | 'star' | 'versions' | 'trash';

/** The verbs of one row. */
export function NodeMenu({
  node,
  mayWrite,
  isOpened,
  onOpened,
  onVerb,
}: {
  node: ListedNode;
  mayWrite: boolean;
  isOpened: boolean;
  onOpened: (opened: boolean) => void;
  onVerb: (verb: NodeVerb) => void;
}) {
  const { t } = useTranslation('files');
  return (
    <Menu position="bottom-end" opened={isOpened} onChange={onOpened}>
      <Menu.Target>
        <IconButton aria-label={t('moreFor', { name: node.name })} tabIndex={-1}>
          <IconDots size={18} />
        </IconButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconDownload size={16} />} onClick={() => onVerb('download')}>
          {t('verb.download')}
        </Menu.Item>
        <Menu.Item
          leftSection={node.starred ? <IconStarOff size={16} /> : <IconStar size={16} />}
          onClick={() => onVerb('star')}
        >
          {t(node.starred ? 'verb.unstar' : 'verb.star')}
        </Menu.Item>
        <Menu.Item leftSection={<IconUserShare size={16} />} onClick={() => onVerb('share')}>
          {t('verb.share')}
        </Menu.Item>
        {node.kind === 'file' ? (
          <Menu.Item leftSection={<IconHistory size={16} />} onClick={() => onVerb('versions')}>
            {t('verb.versions')}
          </Menu.Item>
        ) : null}
        <Menu.Item leftSection={<IconCopy size={16} />} onClick={() => onVerb('copy')}>
          {t('verb.copy')}
        </Menu.Item>
        {mayWrite ? (
          <>
            <Menu.Item leftSection={<IconPencil size={16} />} onClick={() => onVerb('rename')}>
              {t('verb.rename')}
            </Menu.Item>
            <Menu.Item leftSection={<IconFolderSymlink size={16} />} onClick={() => onVerb('move')}>
              {t('verb.move')}
            </Menu.Item>
            <Menu.Item leftSection={<IconTrash size={16} />} onClick={() => onVerb('trash')}>
              {t('verb.trash')}
            </Menu.Item>
          </>
        ) : null}
      </Menu.Dropdown>
    </Menu>
  );
}
