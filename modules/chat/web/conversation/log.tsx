import { dayOf, useFormat, useProblemText, useSession } from '@liaison/core/web';
import { Button, Empty, ErrorNote, Progress } from '@liaison/ui';
import { IconArrowDown } from '@tabler/icons-react';
import {
  type ReactNode,
  type Ref,
  useCallback,
  useEffect,
  useImperativeHandle,
  useMemo,
  useRef,
  useSyncExternalStore,
} from 'react';
import { useTranslation } from 'react-i18next';
import type { Message } from '../../contract/index.ts';
import classes from '../chat.module.css';
import { useQueue } from '../state/chat-provider.tsx';
import type { Unsent } from '../state/send-queue.ts';
import type { TimelineStore } from '../state/timeline-store.ts';
import { BetweenMessages } from './between.tsx';
import { HoldPlace } from './hold-place.tsx';
import { useLogView } from './log-context.ts';
import { MessageRow, rowKey } from './message-row.tsx';
import { logRows } from './rows.ts';
import { UnsentRow } from './unsent-row.tsx';
import { useReadingPosition } from './use-reading-position.ts';

/** More is fetched when less than this is left beyond the screen. */
const aheadPx = 1_600;

export interface LogHandle {
  /** Moves the focus among messages: J and K. */
  readonly step: (by: 1 | -1) => void;
  /** The message that has the focus, if one has. */
  readonly focused: () => Message | undefined;
  readonly myLast: () => Message | undefined;
  /** After sending: shows the newest. */
  readonly toNewest: () => void;
}

export interface LogProps {
  store: TimelineStore;
  conversationId: string;
  threadId: string | null;
  /** What is read; for screen readers. */
  label: string;
  /** What was read when this was opened: the first message of others above it stands below a line. */
  readMark: { readonly seq: number; readonly at: string | null } | null;
  /** The message to show, and mark for a moment. */
  target: number | undefined;
  /** How many wait below, as the list says. */
  waiting: number;
  /** The newest message has been seen, on a page that is visible. */
  onSeen: (seq: number) => void;
  /** When what stands above this list was sent. */
  above?: string | undefined;
  /** Stands over the oldest message, and scrolls with it. */
  head?: ReactNode;
  handle: Ref<LogHandle>;
}

/** The messages of a conversation or thread in their order; pages in both directions. */
export function Log(props: LogProps) {
  const { store, conversationId, threadId, label, readMark, target, waiting, onSeen, above } = props;
  const { t } = useTranslation('chat');
  const { personId } = useSession();
  const { conversation } = useLogView();
  const format = useFormat();
  const problem = useProblemText();
  const state = useSyncExternalStore(store.subscribe, () => store.state);
  const unsent = useUnsentHere(conversationId, threadId, state.messages);
  const scroller = useRef<HTMLElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const { timeZone } = format;
  const newAbove = readMark?.seq ?? null;
  const rows = useMemo(
    () =>
      logRows(state.messages, {
        newAbove,
        me: personId,
        dayOf: (at) => dayOf(at, timeZone),
        ...(above ? { dayAbove: dayOf(above, timeZone) } : {}),
      }),
    [state.messages, newAbove, personId, timeZone, above],
  );

  const shown = {
    shownFrom: state.older ? (rows[0]?.message.sentAt ?? null) : null,
    shownTo: state.newer ? (rows.at(-1)?.message.sentAt ?? null) : null,
  };

  const extend = useCallback(() => {
    const view = scroller.current;
    if (!view || view.clientHeight === 0) return;
    if (view.scrollTop < aheadPx) void store.loadOlder();
    if (view.scrollHeight - view.scrollTop - view.clientHeight < aheadPx) void store.loadNewer();
  }, [store]);
  const position = useReadingPosition(scroller, content, extend, state.newer);
  const { atEnd, toEnd, toRow, before, after } = position;
  const atNewest = atEnd && !state.newer && state.status === 'ready';

  useEffect(() => store.follow(atNewest), [store, atNewest]);
  usePlaceAtOpening({ state, rows, target, toRow, toEnd, personId });
  useSeen(state.messages.at(-1)?.seq, atNewest, onSeen);

  const toNewest = useCallback(() => {
    toEnd();
    if (store.state.newer) void store.jump();
  }, [store, toEnd]);
  useImperativeHandle(props.handle, () => ({
    step: (by) => step(content.current, by),
    focused() {
      const row = document.activeElement?.closest<HTMLElement>('[data-seq]');
      if (!row || !content.current?.contains(row)) return undefined;
      return store.state.messages.find((message) => message.seq === Number(row.dataset.seq));
    },
    myLast: () =>
      store.state.messages.findLast((message) => message.authorId === personId && !message.deleted),
    toNewest,
  }));

  // Somebody who has read nothing here yet is told when the first new one came.
  const sinceAt = readMark?.at ?? rows.find((row) => row.firstNew)?.message.sentAt;
  const sameDay = sinceAt !== undefined && dayOf(sinceAt, timeZone) === dayOf(Date.now(), timeZone);
  const since = sinceAt === undefined ? '' : sameDay ? format.time(sinceAt) : format.dateTime(sinceAt);
  return (
    <div className={classes.logBox}>
      <section
        ref={scroller}
        className={classes.log}
        aria-label={label}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
        tabIndex={0}
        data-log={conversationId}
      >
        <div ref={content} className={classes.logInner} aria-busy={state.status === 'loading'}>
          {state.older ? null : props.head}
          {state.failedEnd === 'older' ? <Failed onAgain={() => void store.loadOlder()} /> : null}
          {rows.map((row, at) => (
            <MessageRow
              key={rowKey(row.message, personId)}
              {...row}
              since={row.firstNew ? since : ''}
              marked={row.message.seq === target}
              recent={at >= rows.length - 6}
              // Before the first of a stretch that goes on lies what is not here yet.
              after={
                threadId !== null || (at === 0 && state.older)
                  ? undefined
                  : (rows[at - 1]?.message.sentAt ?? null)
              }
              {...shown}
            />
          ))}
          {state.failedEnd === 'newer' ? <Failed onAgain={() => void store.loadNewer()} /> : null}
          {threadId === null && !state.newer && state.status === 'ready' ? (
            <BetweenMessages from={rows.at(-1)?.message.sentAt ?? null} to={null} {...shown} />
          ) : null}
          {state.newer ? null : unsent.map((each) => <UnsentRow key={each.clientKey} unsent={each} />)}
        </div>
        {state.status === 'ready' && threadId === null && rows.length === 0 && unsent.length === 0 ? (
          <div className={classes.nothing}>
            <Empty title={t('log.none.title')}>{t(`log.none.${conversation.kind}`)}</Empty>
          </div>
        ) : null}
        {state.status === 'loading' ? (
          <div className={classes.pad}>
            <Progress bare label={t('loading')} />
          </div>
        ) : null}
        {state.status === 'failed' && state.messages.length === 0 && state.error ? (
          <div className={classes.pad}>
            <ErrorNote
              title={problem(state.error).text}
              actions={<Button onClick={() => void store.jump(target)}>{t('again')}</Button>}
            />
          </div>
        ) : null}
      </section>
      {/* After what it measures: refs are set in the order of the tree. */}
      <HoldPlace before={before} after={after} />
      {state.status === 'ready' && !atNewest ? (
        <button type="button" className={classes.newest} onClick={toNewest}>
          <IconArrowDown size={16} />
          {waiting > 0 ? t('log.newBelow', { count: waiting }) : t('log.newest')}
        </button>
      ) : null}
    </div>
  );
}

function Failed({ onAgain }: { onAgain: () => void }) {
  const { t } = useTranslation('chat');
  return (
    <p className={classes.failed}>
      {t('log.failed')}{' '}
      <Button variant="subtle" onClick={onAgain}>
        {t('again')}
      </Button>
    </p>
  );
}

/** Mine that the server has not confirmed, unless the message itself is there already. */
function useUnsentHere(
  conversationId: string,
  threadId: string | null,
  messages: readonly Message[],
): readonly Unsent[] {
  const { unsent } = useQueue();
  return useMemo(() => {
    const mine = unsent.filter(
      (each) => each.conversationId === conversationId && each.threadId === threadId,
    );
    if (mine.length === 0) return none;
    const sent = new Set(messages.map((message) => message.clientKey));
    return mine.filter((each) => !sent.has(each.clientKey));
  }, [unsent, conversationId, threadId, messages]);
}
const none: readonly Unsent[] = [];

/** Once for each jump: the wanted message, else the first new one, else the newest. */
function usePlaceAtOpening({
  state,
  rows,
  target,
  toRow,
  toEnd,
  personId,
}: {
  state: TimelineStore['state'];
  rows: ReturnType<typeof logRows>;
  target: number | undefined;
  toRow: (key: string, share: number) => boolean;
  toEnd: () => void;
  personId: string;
}): void {
  const placed = useRef<string>('');
  useEffect(() => {
    if (state.status !== 'ready') return;
    const opening = `${state.generation} ${target ?? ''}`;
    if (placed.current === opening) return;
    placed.current = opening;
    const wanted = rows.find((row) => row.message.seq === target);
    const firstNew = rows.find((row) => row.firstNew);
    if (wanted) toRow(rowKey(wanted.message, personId), 0.3);
    else if (target === undefined && firstNew && state.generation <= 1) {
      toRow(rowKey(firstNew.message, personId), 0.15);
    } else if (target === undefined) toEnd();
  }, [state, rows, target, toRow, toEnd, personId]);
}

/** Tells that the newest message stands on a visible page. */
function useSeen(seq: number | undefined, atNewest: boolean, onSeen: (seq: number) => void): void {
  const latest = useRef(onSeen);
  useEffect(() => {
    latest.current = onSeen;
  });
  useEffect(() => {
    if (seq === undefined || !atNewest) return;
    const seen = (): void => {
      if (document.visibilityState === 'visible') latest.current(seq);
    };
    seen();
    document.addEventListener('visibilitychange', seen);
    return () => document.removeEventListener('visibilitychange', seen);
  }, [seq, atNewest]);
}

function step(content: HTMLElement | null, by: 1 | -1): void {
  if (!content) return;
  const rows = [...content.querySelectorAll<HTMLElement>(':scope > [data-key]')];
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  const next = at < 0 ? (by === 1 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + by));
  rows[next]?.focus();
}
