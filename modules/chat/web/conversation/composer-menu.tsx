import { Menu, Popover } from '@liaison/ui';
import {
  IconAt,
  IconBold,
  IconCode,
  IconFolder,
  IconItalic,
  IconList,
  IconMoodSmile,
  IconPaperclip,
} from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import classes from '../chat.module.css';
import type { Mark } from './mark-selection.ts';
import { EmojiGrid } from './message-actions.tsx';

/** What opens over the composer's tools: what can be added and how words are marked, and the emoji. */
export function ComposerMenu({
  menu,
  onMenu,
  emoji,
  onEmoji,
  onAttach,
  onChoose,
  onMention,
  onMark,
  onInsert,
}: {
  menu: boolean;
  onMenu: (opened: boolean) => void;
  emoji: boolean;
  onEmoji: (opened: boolean) => void;
  /** Undefined where files cannot be added: to a message that is being changed. */
  onAttach: (() => void) | undefined;
  /** Undefined where there are no files of teams to choose from. */
  onChoose: (() => void) | undefined;
  onMention: () => void;
  onMark: (mark: Mark) => void;
  onInsert: (emoji: string) => void;
}) {
  const { t } = useTranslation('chat');
  return (
    <span className={classes.seats}>
      <Menu opened={menu} onChange={onMenu} position="top-start" withinPortal>
        <Menu.Target>
          <span className={classes.seat} aria-hidden="true" />
        </Menu.Target>
        <Menu.Dropdown>
          {onAttach ? (
            <Menu.Item leftSection={<IconPaperclip size={16} />} onClick={onAttach}>
              {t('composer.attach')}
            </Menu.Item>
          ) : null}
          {onChoose ? (
            <Menu.Item leftSection={<IconFolder size={16} />} onClick={onChoose}>
              {t('composer.chooseFile')}
            </Menu.Item>
          ) : null}
          <Menu.Item leftSection={<IconAt size={16} />} onClick={onMention}>
            {t('composer.mention')}
          </Menu.Item>
          <Menu.Item leftSection={<IconMoodSmile size={16} />} onClick={() => onEmoji(true)}>
            {t('composer.emoji')}
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item
            leftSection={<IconBold size={16} />}
            rightSection={<span className={classes.shortcut}>Ctrl B</span>}
            onClick={() => onMark('bold')}
          >
            {t('composer.bold')}
          </Menu.Item>
          <Menu.Item
            leftSection={<IconItalic size={16} />}
            rightSection={<span className={classes.shortcut}>Ctrl I</span>}
            onClick={() => onMark('italic')}
          >
            {t('composer.italic')}
          </Menu.Item>
          <Menu.Item
            leftSection={<IconCode size={16} />}
            rightSection={<span className={classes.shortcut}>Ctrl E</span>}
            onClick={() => onMark('code')}
          >
            {t('composer.code')}
          </Menu.Item>
          <Menu.Item
            leftSection={<IconList size={16} />}
            rightSection={<span className={classes.shortcut}>Ctrl ⇧ 8</span>}
            onClick={() => onMark('list')}
          >
            {t('composer.list')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Popover opened={emoji} onChange={onEmoji} position="top-start" withinPortal trapFocus returnFocus>
        <Popover.Target>
          <span className={classes.seat} aria-hidden="true" />
        </Popover.Target>
        <Popover.Dropdown p={8} aria-label={t('composer.emoji')}>
          <EmojiGrid
            onPick={(each) => {
              onEmoji(false);
              onInsert(each);
            }}
          />
        </Popover.Dropdown>
      </Popover>
    </span>
  );
}
