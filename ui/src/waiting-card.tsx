import { IconChevronDown, IconMessageCircle, IconPhone, IconPhoneX } from '@tabler/icons-react';
import { type ReactNode, useId, useState } from 'react';
import { Face } from './face.tsx';
import { useLabels } from './labels.tsx';
import type { PersonView } from './reach.ts';
import classes from './waiting-card.module.css';

export interface WaitingCardProps {
  caller: PersonView;
  /** Who calls from where and since when: "Nairobi, rings 0:06". */
  detail: string;
  /** What answering does to the call that is talked in: "Hold and answer". */
  answer: string;
  onAnswer: () => void;
  onRefuse: () => void;
  /** Sentences to refuse with. */
  words?: readonly { id: string; text: string }[];
  onRefuseWith?: (id: string) => void;
  /** What you share with the caller, unfolded on demand. */
  children?: ReactNode;
}

/** Somebody rings while a call is talked in: the dossier made small. It takes no focus; the line's region announces it. */
export function WaitingCard(props: WaitingCardProps) {
  const { caller, detail, answer, onAnswer, onRefuse, words = [], onRefuseWith, children } = props;
  const labels = useLabels();
  const [open, setOpen] = useState<'words' | 'shared' | null>(null);
  const below = useId();
  const toggle = (what: 'words' | 'shared'): void => setOpen(open === what ? null : what);
  return (
    <section className={classes.card} data-waiting="" aria-label={labels.incomingFrom(caller.name)}>
      <div className={classes.head}>
        <Face name={caller.name} id={caller.id} photo={caller.photo} size={44} ringing />
        <div className={classes.who} role="alert">
          <b>{caller.name}</b>
          <span aria-hidden="true">{detail}</span>
          <span className={classes.says}>{labels.incomingCall}</span>
        </div>
        {children ? (
          <button
            type="button"
            className={classes.plain}
            aria-label={labels.details}
            title={labels.details}
            aria-expanded={open === 'shared'}
            aria-controls={below}
            onClick={() => toggle('shared')}
          >
            <IconChevronDown size={20} />
          </button>
        ) : null}
      </div>
      <div className={classes.verbs}>
        <button type="button" className={classes.answer} onClick={onAnswer}>
          <IconPhone size={18} />
          <span>{answer}</span>
        </button>
        {words.length > 0 ? (
          <button
            type="button"
            className={classes.plain}
            aria-label={labels.refuseWithWord}
            title={labels.refuseWithWord}
            aria-expanded={open === 'words'}
            aria-controls={below}
            onClick={() => toggle('words')}
          >
            <IconMessageCircle size={20} />
          </button>
        ) : null}
        <button
          type="button"
          className={classes.refuse}
          aria-label={labels.refuse}
          title={labels.refuse}
          onClick={onRefuse}
        >
          <IconPhoneX size={20} />
        </button>
      </div>
      <div id={below} className={classes.below} hidden={open === null}>
        {open === 'words'
          ? words.map((word) => (
              <button key={word.id} type="button" onClick={() => onRefuseWith?.(word.id)}>
                {word.text}
              </button>
            ))
          : null}
        {open === 'shared' ? <div className={classes.shared}>{children}</div> : null}
      </div>
    </section>
  );
}
