import { useFormat, usePersonView } from '@liaison/core/web';
import { Dialog } from '@liaison/ui';
import { type CSSProperties, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { endReasons, type TraceLine } from '../../contract/index.ts';
import classes from './admin.module.css';
import styles from './ladder.module.css';
import { arrowOf, lanesOf, readLane } from './ladder-lanes.ts';
import { readTitle } from './ladder-said.ts';

/** What was said about a call, as a ladder or as a list; a line opens its message. */
export function Ladder({ lines, view }: { lines: readonly TraceLine[]; view: 'diagram' | 'list' }) {
  const { t } = useTranslation('calls');
  const clock = useClock();
  const wordsOf = useWords();
  const [open, setOpen] = useState<TraceLine | null>(null);
  const lanes = useMemo(() => lanesOf(lines), [lines]);
  return (
    <>
      {view === 'diagram' ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls sideways, which the keyboard must reach
        <section className={styles.frame} aria-label={t('ladder.diagram')} tabIndex={0}>
          <div className={styles.ladder} style={{ '--lanes': lanes.length } as CSSProperties}>
            <div className={styles.heads}>
              {lanes.map((lane) => (
                <span key={lane} className={styles.lane}>
                  <LaneName lane={lane} />
                </span>
              ))}
            </div>
            <ol className={styles.lines}>
              {lines.map((line) => (
                <li key={line.id}>
                  <Rung
                    line={line}
                    words={wordsOf(line)}
                    lanes={lanes}
                    clock={clock}
                    onOpen={() => setOpen(line)}
                  />
                </li>
              ))}
            </ol>
          </div>
        </section>
      ) : (
        <ol className={styles.list} aria-label={t('ladder.list')}>
          {lines.map((line) => (
            <li key={line.id}>
              <button type="button" className={styles.item} onClick={() => setOpen(line)}>
                <time dateTime={line.at}>{clock(line.at)}</time>
                <span>
                  <Way line={line} />: <b>{wordsOf(line)}</b> <Technical line={line} words={wordsOf(line)} />
                  {line.peer ? <small>{`${line.protocol?.toUpperCase()} ${line.peer}`}</small> : null}
                </span>
              </button>
            </li>
          ))}
        </ol>
      )}
      <Dialog
        opened={open !== null}
        onClose={() => setOpen(null)}
        width={760}
        title={open ? wordsOf(open) : ''}
      >
        {open ? (
          <>
            <p className={classes.text}>
              {clock(open.at)} · <Way line={open} />
              {open.peer ? ` · ${open.protocol?.toUpperCase()} ${open.peer}` : ''} ·{' '}
              <code className={styles.technical}>{open.title}</code>
            </p>
            {open.body ? (
              // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, which the keyboard must reach
              <pre className={classes.message} tabIndex={0}>
                {open.body}
              </pre>
            ) : (
              <p className={classes.text}>{t('ladder.noText')}</p>
            )}
          </>
        ) : null}
      </Dialog>
    </>
  );
}

function Rung({
  line,
  words,
  lanes,
  clock,
  onOpen,
}: {
  line: TraceLine;
  words: string;
  lanes: readonly string[];
  clock: (at: string) => string;
  onOpen: () => void;
}) {
  const { from, to } = arrowOf(line, lanes);
  const place = { '--from': Math.min(from, to), '--span': Math.abs(from - to) } as CSSProperties;
  const isNote = from === to;
  return (
    <button
      type="button"
      className={styles.rung}
      data-kind={line.kind}
      data-note={isNote || undefined}
      onClick={onOpen}
    >
      <time className={styles.time} dateTime={line.at}>
        {clock(line.at)}
      </time>
      <span className={styles.hidden}>
        <Way line={line} />:{' '}
      </span>
      <span
        className={styles.arrow}
        data-way={isNote ? undefined : to > from ? 'right' : 'left'}
        data-refusal={/^[4-6]\d\d/.test(line.title) || undefined}
        style={place}
      >
        <span className={styles.title}>
          {words} {line.kind === 'sip' ? <Technical line={line} words={words} /> : null}
        </span>
      </span>
    </button>
  );
}

/** "Inês Duarte, telephone → Liaison". */
function Way({ line }: { line: TraceLine }) {
  const lane = <LaneName lane={line.lane} />;
  const server = <LaneName lane="server" />;
  if (line.direction === 'none') return server;
  return line.direction === 'in' ? (
    <>
      {lane} → {server}
    </>
  ) : (
    <>
      {server} → {lane}
    </>
  );
}

function LaneName({ lane }: { lane: string }) {
  const { t } = useTranslation('calls');
  const { kind, personId } = readLane(lane);
  const person = usePersonView(personId ?? '');
  if (kind === 'server') return t('ladder.server');
  return t(`ladder.${kind}`, { name: person?.name ?? '…' });
}

/** The words of the protocol, beside those for people. */
function Technical({ line, words }: { line: TraceLine; words: string }) {
  return words === line.title ? null : <code className={styles.technical}>{line.title}</code>;
}

/** A line in the words of its reader; what has none keeps its technical title. */
function useWords(): (line: TraceLine) => string {
  const { t } = useTranslation('calls');
  return (line) => {
    const said = readTitle(line);
    if (said === null) return line.title;
    if (said.kind === 'said') return t(`ladder.said.${said.key}`, said.values ?? {});
    if (said.kind === 'ended') {
      const reason = endReasons.find((each) => each === said.reason);
      return reason ? t('ladder.said.ended', { reason: t(`reason.${reason}`) }) : line.title;
    }
    return [
      t(`state.${said.state}`),
      ...(said.path ? [t(`path.${said.path}`)] : []),
      ...said.legs.map(({ role, kind }) => `${t(`leg.role.${role}`)}: ${t(`leg.kind.${kind}`)}`),
    ].join(' · ');
  };
}

/** Times of a ladder need their thousandths. */
function useClock(): (at: string) => string {
  const { locale, timeZone } = useFormat();
  return useMemo(() => {
    const format = new Intl.DateTimeFormat(locale, {
      timeZone,
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      fractionalSecondDigits: 3,
    });
    return (at) => format.format(new Date(at));
  }, [locale, timeZone]);
}
