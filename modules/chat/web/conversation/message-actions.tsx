import { api, Slot, useProblemText, useSession } from '@liaison/core/web';
import { ConfirmDialog, IconButton, Menu, Popover, useToasts } from '@liaison/ui';
import {
  IconCopy,
  IconDots,
  IconEdit,
  IconHistory,
  IconLink,
  IconMessageReply,
  IconMoodPlus,
  IconTrash,
} from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { deleteMessage, type Message, messageVerbs } from '../../contract/index.ts';
import classes from '../chat.module.css';
import { messagePath } from '../go.ts';
import { useChat } from '../state/chat-provider.tsx';
import { HistoryDialog } from './history-dialog.tsx';
import { useLogView } from './log-context.ts';
import { moreEmoji, quickReactions } from './reactions.tsx';

/** What can be done with a message: react, reply, and a menu with the rest. */
export function MessageActions({
  message,
  onReact,
  onMenu,
}: {
  message: Message;
  onReact: (emoji: string) => void;
  /** Told while something is open, so that the actions stay although the pointer has left the row. */
  onMenu: (opened: boolean) => void;
}) {
  const { t } = useTranslation('chat');
  const { personId } = useSession();
  const { conversation, names, openThread, edit } = useLogView();
  const chat = useChat();
  const toasts = useToasts();
  const problem = useProblemText();
  const [picking, setPicking] = useState(false);
  const [asking, setAsking] = useState<'delete' | 'history' | null>(null);
  const [busy, setBusy] = useState(false);
  const mine = message.authorId === personId;
  const by = names.get(message.authorId ?? '')?.name ?? t('somebody');

  const [menu, setMenu] = useState(false);
  const opened = picking || menu || asking !== null;
  useEffect(() => onMenu(opened), [onMenu, opened]);

  const react = (emoji: string): void => {
    setPicking(false);
    onReact(emoji);
  };
  const copy = (text: string, told: string): void => {
    navigator.clipboard?.writeText(text).then(
      () => toasts.show({ id: 'chat-copied', text: told }),
      () => toasts.show({ tone: 'danger', text: t('actions.notCopied') }),
    );
  };
  const link = `${location.origin}${messagePath(message)}`;
  const remove = async (): Promise<void> => {
    setBusy(true);
    try {
      chat.take(await api(deleteMessage, { params: { messageId: message.id } }));
      setAsking(null);
    } catch (error) {
      toasts.show({ tone: 'danger', text: problem(error).text });
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <Popover opened={picking} onChange={setPicking} position="top-end" withinPortal trapFocus returnFocus>
        <Popover.Target>
          <IconButton
            aria-label={t('actions.react')}
            aria-expanded={picking}
            onClick={() => setPicking(!picking)}
          >
            <IconMoodPlus size={18} />
          </IconButton>
        </Popover.Target>
        <Popover.Dropdown p={8} aria-label={t('actions.react')}>
          <EmojiGrid onPick={react} withWords />
        </Popover.Dropdown>
      </Popover>
      {openThread ? (
        <IconButton aria-label={t('actions.reply')} onClick={() => openThread(message)}>
          <IconMessageReply size={18} />
        </IconButton>
      ) : null}
      <Menu position="bottom-end" withinPortal opened={menu} onChange={setMenu}>
        <Menu.Target>
          <IconButton aria-label={t('actions.more')}>
            <IconDots size={18} />
          </IconButton>
        </Menu.Target>
        <Menu.Dropdown>
          {mine ? (
            <Menu.Item leftSection={<IconEdit size={16} />} onClick={() => edit(message)}>
              {t('actions.edit')}
            </Menu.Item>
          ) : null}
          <Menu.Item leftSection={<IconLink size={16} />} onClick={() => copy(link, t('actions.linkCopied'))}>
            {t('actions.copyLink')}
          </Menu.Item>
          <Menu.Item
            leftSection={<IconCopy size={16} />}
            onClick={() => copy(message.body, t('actions.textCopied'))}
          >
            {t('actions.copyText')}
          </Menu.Item>
          {message.editedAt ? (
            <Menu.Item leftSection={<IconHistory size={16} />} onClick={() => setAsking('history')}>
              {t('actions.history')}
            </Menu.Item>
          ) : null}
          <Slot slot={messageVerbs} conversation={conversation} message={message} />
          {mine || conversation.canManage ? (
            <Menu.Item leftSection={<IconTrash size={16} />} onClick={() => setAsking('delete')}>
              {t('actions.delete')}
            </Menu.Item>
          ) : null}
        </Menu.Dropdown>
      </Menu>
      <ConfirmDialog
        opened={asking === 'delete'}
        title={t('delete.title')}
        verb={t('actions.delete')}
        danger
        busy={busy}
        onConfirm={() => void remove()}
        onCancel={() => setAsking(null)}
      >
        {mine ? t('delete.what') : t('delete.othersWhat', { name: by })}
      </ConfirmDialog>
      {asking === 'history' ? <HistoryDialog message={message} onClose={() => setAsking(null)} /> : null}
    </>
  );
}

/** A small set of emoji to choose from, without a network. */
export function EmojiGrid({ onPick, withWords }: { onPick: (emoji: string) => void; withWords?: boolean }) {
  const { t } = useTranslation('chat');
  return (
    <div className={classes.emoji}>
      {withWords ? (
        <div className={classes.words}>
          {quickReactions.map(({ emoji, word, icon }) => (
            <button key={emoji} type="button" onClick={() => onPick(emoji)}>
              {icon} {t(`reaction.${word}`)}
            </button>
          ))}
        </div>
      ) : null}
      <div className={classes.grid}>
        {[...(withWords ? [] : quickReactions.map((each) => each.emoji)), ...moreEmoji].map((emoji) => (
          <button key={emoji} type="button" onClick={() => onPick(emoji)}>
            {emoji}
          </button>
        ))}
      </div>
    </div>
  );
}
