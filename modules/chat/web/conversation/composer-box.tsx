import { api, Slot, useCommand, useDraft, useProblemText, useSlot } from '@liaison/core/web';
import { chooseFile } from '@liaison/files';
import { Composer, IconButton, useToasts } from '@liaison/ui';
import { IconAt, IconMoodSmile, IconPaperclip, IconPencil, IconPlus, IconX } from '@tabler/icons-react';
import {
  type KeyboardEvent,
  type Ref,
  useCallback,
  useEffect,
  useImperativeHandle,
  useRef,
  useState,
} from 'react';
import { useTranslation } from 'react-i18next';
import {
  type Conversation,
  editMessage,
  type Message,
  maxBodyLength,
  sayTyping,
} from '../../contract/index.ts';
import classes from '../chat.module.css';
import { withEmoji } from '../emoji/with-emoji.ts';
import { useChat } from '../state/chat-provider.tsx';
import type { usePeople } from '../state/people.ts';
import { CompletionList, useCompletion } from './completion.tsx';
import { closedShortcode, useSources } from './completion-sources.tsx';
import { ComposerMenu } from './composer-menu.tsx';
import { type Mark, markSelection } from './mark-selection.ts';
import { toMarkdown, toWritten } from './mention-text.ts';
import { PendingAttachments } from './pending-attachments.tsx';
import { useUploads } from './use-uploads.ts';

/** A page says that its person writes at most this often. */
const typingEveryMs = 3_000;

export interface ComposerHandle {
  readonly focus: () => void;
  readonly attach: (files: readonly File[]) => void;
}

export interface ComposerBoxProps {
  conversation: Conversation;
  threadId: string | null;
  label: string;
  people: ReturnType<typeof usePeople>;
  /** The message that is being changed instead of a new one. */
  editing: Message | null;
  onEdited: () => void;
  /** Up in an empty field. */
  onUp: () => void;
  onSent: () => void;
  autoFocus?: boolean;
  handle: Ref<ComposerHandle>;
}

/** Where one writes: a new message, or a change of one. */
export function ComposerBox(props: ComposerBoxProps) {
  const { conversation, threadId, people, editing, onEdited } = props;
  const { t } = useTranslation('chat');
  const chat = useChat();
  const toasts = useToasts();
  const problem = useProblemText();
  const draft = useDraft(`chat:${conversation.id}${threadId === null ? '' : `:${threadId}`}`);
  const uploads = useUploads(conversation.id, threadId);
  const area = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const [changed, setChanged] = useState('');
  const [saving, setSaving] = useState(false);
  const [emoji, setEmoji] = useState(false);
  const [menu, setMenu] = useState(false);
  const [choosing, setChoosing] = useState(false);
  const mayChoose = useSlot(chooseFile).length > 0;
  const chosenFile = useRef('');
  const chosen = useRef(new Map<string, string>());
  const tell = useTyping(conversation.id, threadId);

  const text = editing ? changed : draft.text;
  const write = (next: string): void => {
    if (editing) setChanged(next);
    else {
      draft.set(next);
      if (next.trim() !== '') tell();
    }
  };
  const onMentioned = useCallback((name: string, id: string) => void chosen.current.set(name, id), []);
  const completion = useCompletion({ area, text, sources: useSources(people, onMentioned), write });

  // biome-ignore lint/correctness/useExhaustiveDependencies: begins anew only when another message is to be changed
  useEffect(() => {
    if (!editing) return;
    const written = toWritten(editing.body);
    chosen.current = written.chosen;
    setChanged(written.text);
    area.current?.focus();
  }, [editing?.id]);

  const attach = (files: readonly File[]): void => {
    if (files.length === 0) return;
    const { tooLarge, tooMany, notKept } = uploads.add(files);
    if (notKept > 0) toasts.show({ text: t('upload.notKept', { count: notKept }) });
    if (tooLarge > 0) toasts.show({ tone: 'danger', text: t('upload.tooLarge', { count: tooLarge }) });
    if (tooMany > 0) toasts.show({ tone: 'danger', text: t('upload.tooMany', { count: tooMany }) });
  };
  useImperativeHandle(props.handle, () => ({ focus: () => area.current?.focus(), attach }));

  const submit = async (): Promise<void> => {
    const body = toMarkdown(withEmoji(text), people.values(), chosen.current).trim();
    if (!editing) {
      if (body === '' && uploads.files.length === 0) return;
      chat.write({ conversationId: conversation.id, threadId, body }, uploads.files);
      draft.clear();
      chosen.current = new Map();
      props.onSent();
      return;
    }
    if (body === '' || saving) return;
    if (body === editing.body) return onEdited();
    setSaving(true);
    try {
      chat.take(await api(editMessage, { params: { messageId: editing.id }, body: { body } }));
      chosen.current = new Map();
      onEdited();
    } catch (error) {
      toasts.show({ tone: 'danger', text: problem(error).text });
    } finally {
      setSaving(false);
    }
  };

  const mark = (which: Mark): void => {
    setMenu(false);
    const element = area.current;
    if (!element) return;
    markSelection(element, which);
    write(element.value);
    element.focus();
  };
  const insert = (what: string): void => {
    const element = area.current;
    if (!element) return;
    element.focus();
    element.setRangeText(what, element.selectionStart, element.selectionEnd, 'end');
    write(element.value);
    completion.look();
  };
  // Once the dialog is gone, which gives the focus back to where it was.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only the end of choosing brings something to write
  useEffect(() => {
    if (choosing || chosenFile.current === '') return;
    insert(chosenFile.current);
    chosenFile.current = '';
  }, [choosing]);
  const startMention = (): void => {
    setMenu(false);
    const before = area.current?.value.slice(0, area.current.selectionStart) ?? '';
    insert(before === '' || /\s$/.test(before) ? '@' : ' @');
  };

  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>): void => {
    if (event.nativeEvent.isComposing) return;
    if (completion.onKeyDown(event)) return;
    if (event.key === 'Escape' && editing) {
      event.preventDefault();
      event.stopPropagation();
      onEdited();
      return;
    }
    if (event.key === 'ArrowUp' && text === '' && !editing && uploads.files.length === 0) {
      event.preventDefault();
      props.onUp();
      return;
    }
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    const which = shortcutOf(event);
    if (!which) return;
    event.preventDefault();
    event.stopPropagation();
    mark(which);
  };

  const tooLong = text.length > maxBodyLength ? text.length - maxBodyLength : 0;
  const failed = !editing && uploads.files.some((each) => each.state === 'refused');
  const blocked = !conversation.canWrite
    ? t(conversation.archived ? 'composer.closed' : 'composer.readOnly')
    : tooLong > 0
      ? t('composer.tooLong', { count: tooLong })
      : !editing && uploads.busy
        ? t('composer.uploading')
        : failed
          ? t('composer.uploadFailed')
          : undefined;

  return (
    <div className={classes.composer}>
      <CompletionList completion={completion} />
      <ComposerMenu
        menu={menu}
        onMenu={setMenu}
        emoji={emoji}
        onEmoji={setEmoji}
        onAttach={editing ? undefined : () => picker.current?.click()}
        onChoose={mayChoose ? () => setChoosing(true) : undefined}
        onMention={startMention}
        onMark={mark}
        onInsert={insert}
      />
      {choosing ? (
        <Slot
          slot={chooseFile}
          onClose={() => setChoosing(false)}
          onChoose={({ name, href }: { name: string; href: string }) => {
            setChoosing(false);
            chosenFile.current = linkTo(name, `${location.origin}${href}`);
          }}
        />
      ) : null}
      <input
        ref={picker}
        type="file"
        multiple
        hidden
        aria-hidden="true"
        tabIndex={-1}
        onChange={(event) => {
          attach([...(event.currentTarget.files ?? [])]);
          event.currentTarget.value = '';
        }}
      />
      <Composer
        ref={area}
        label={editing ? t('composer.editing') : props.label}
        value={text}
        onChange={(next) => {
          const element = area.current;
          const closed =
            element && next.length > text.length && closedShortcode(next, element.selectionStart);
          // What React writes by itself would leave the caret at the end.
          if (closed) element.setRangeText(closed, 0, element.selectionStart, 'end');
          write(closed ? element.value : next);
          completion.look();
        }}
        onSubmit={() => void submit()}
        onKeyDown={onKeyDown}
        onPaste={editing ? undefined : attach}
        {...(blocked ? { blocked } : {})}
        {...(editing ? { sendLabel: t('composer.save') } : {})}
        autoFocus={props.autoFocus === true}
        attachments={
          editing ? (
            <div className={classes.banner}>
              <IconPencil size={16} />
              <span>{t('composer.editing')}</span>
              <IconButton aria-label={t('composer.stopEditing')} onClick={onEdited}>
                <IconX size={16} />
              </IconButton>
            </div>
          ) : uploads.files.length > 0 ? (
            <PendingAttachments files={uploads.files} onRetry={uploads.retry} onRemove={uploads.remove} />
          ) : undefined
        }
        tools={[
          {
            id: 'add',
            label: t('composer.add'),
            icon: <IconPlus size={18} />,
            onSelect: () => setMenu((before) => !before),
            keep: true,
          },
          ...(editing
            ? []
            : [
                {
                  id: 'attach',
                  label: t('composer.attach'),
                  icon: <IconPaperclip size={18} />,
                  onSelect: () => picker.current?.click(),
                  keep: true,
                },
              ]),
          { id: 'mention', label: t('composer.mention'), icon: <IconAt size={18} />, onSelect: startMention },
          {
            id: 'emoji',
            label: t('composer.emoji'),
            icon: <IconMoodSmile size={18} />,
            onSelect: () => setEmoji((before) => !before),
          },
        ]}
      />
    </div>
  );
}

/** A link as Markdown, whatever the name is. */
const linkTo = (name: string, address: string): string =>
  `[${name.replace(/[\\[\]*_~`<@:]/g, (sign) => `\\${sign}`)}](${address}) `;

function shortcutOf(event: KeyboardEvent): Mark | undefined {
  if (event.shiftKey) return event.code === 'Digit8' ? 'list' : undefined;
  return ({ b: 'bold', i: 'italic', e: 'code' } as const)[event.key.toLowerCase() as 'b' | 'i' | 'e'];
}

/** Says that I write, at most every few seconds; not reaching the server matters to nobody. */
function useTyping(conversationId: string, threadId: string | null): () => void {
  const say = useCommand(sayTyping);
  const last = useRef(0);
  return () => {
    const now = Date.now();
    if (now - last.current < typingEveryMs) return;
    last.current = now;
    say({ conversationId, threadId }).catch(() => {});
  };
}
