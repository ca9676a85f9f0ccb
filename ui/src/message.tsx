import { IconAlertCircle, IconClock } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Face, FaceStack } from './face.tsx';
import { useLabels } from './labels.tsx';
import classes from './message.module.css';
import { type PersonView, reachText } from './reach.ts';
import { ReachWord } from './reach-word.tsx';

export interface Reaction {
  id: string;
  label: string;
  icon?: ReactNode;
  count: number;
  mine?: boolean;
}

export interface MessageProps {
  by: PersonView;
  /** Formatted: "13:34". */
  time: string;
  /** For the `<time>` element: RFC 3339. */
  dateTime?: string;
  children: ReactNode;
  /** Follows another by the same person: no face, no name. */
  continued?: boolean;
  /** Says the state beside the name, where it matters: "In a meeting until 14:00". */
  showState?: boolean;
  /** `Attachment`s, a picture, a `Preview`. */
  attachments?: ReactNode;
  reactions?: readonly Reaction[];
  onReact?: (id: string) => void;
  replies?: { count: number; people: readonly Pick<PersonView, 'id' | 'name' | 'photo'>[]; last?: string };
  onOpenReplies?: () => void;
  /** Ours, not yet with the others. */
  status?: 'sending' | 'queued' | 'failed';
  /** What went wrong and what to do, in words, when `failed`. */
  failure?: string;
  onRetry?: () => void;
  onDiscard?: () => void;
  /** Shown over the corner on hover and focus: react, reply, more. */
  actions?: ReactNode;
}

/** One message of a conversation or thread. */
export function Message(props: MessageProps) {
  const { by, time, dateTime, children, continued, showState, attachments, reactions, replies, status } =
    props;
  const labels = useLabels();
  const says = showState ? reachText(labels, by) : undefined;
  return (
    <article
      className={classes.message}
      data-state={status}
      data-continued={continued || undefined}
      aria-label={`${by.name}, ${time}`}
    >
      {continued ? (
        <time className={classes.gutter} dateTime={dateTime}>
          {time}
        </time>
      ) : (
        <Face name={by.name} id={by.id} photo={by.photo} reach={by.reach?.state} />
      )}
      <div className={classes.content}>
        {continued ? null : (
          <div className={classes.by}>
            <b>{by.name}</b>
            {says && by.reach ? (
              <span className={classes.state}>
                <ReachWord state={by.reach.state}>{says}</ReachWord>
              </span>
            ) : null}
            <time dateTime={dateTime}>{time}</time>
          </div>
        )}
        <div className={classes.text}>{children}</div>
        {attachments}
        {reactions?.length ? (
          <div className={classes.reactions}>
            {reactions.map((reaction) => (
              <button
                key={reaction.id}
                type="button"
                className={classes.reaction}
                aria-pressed={!!reaction.mine}
                aria-label={labels.react(reaction.label, reaction.count)}
                onClick={() => props.onReact?.(reaction.id)}
              >
                {reaction.icon}
                {reaction.icon ? null : reaction.label} {reaction.icon ? reaction.label : null}{' '}
                {reaction.count}
              </button>
            ))}
          </div>
        ) : null}
        {replies && replies.count > 0 ? (
          <button type="button" className={classes.replies} onClick={props.onOpenReplies}>
            <FaceStack people={replies.people.slice(0, 3)} size={24} />
            <b>{labels.replies(replies.count)}</b>
            {replies.last ? <span>{replies.last}</span> : null}
          </button>
        ) : null}
        {status ? <Status {...props} /> : null}
      </div>
      {props.actions ? <div className={classes.actions}>{props.actions}</div> : null}
    </article>
  );
}

function Status({ status, failure, onRetry, onDiscard }: MessageProps) {
  const labels = useLabels();
  if (status === 'failed') {
    return (
      <div className={classes.status} role="alert">
        <IconAlertCircle size={15} />
        <span>{failure ?? labels.failed}</span>
        {onRetry ? (
          <button type="button" onClick={onRetry}>
            {labels.retry}
          </button>
        ) : null}
        {onDiscard ? (
          <button type="button" onClick={onDiscard}>
            {labels.discard}
          </button>
        ) : null}
      </div>
    );
  }
  return (
    <div className={classes.status}>
      <IconClock size={15} />
      <span>{status === 'queued' ? labels.queued : labels.sending}</span>
    </div>
  );
}

/** Somebody named in a text; `you` when it is the reader. */
export function Mention({ you, children }: { you?: boolean; children: ReactNode }) {
  return (
    <span className={classes.mention} data-you={you || undefined}>
      {children}
    </span>
  );
}
