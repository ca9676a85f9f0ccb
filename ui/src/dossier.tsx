import { IconBellOff, IconPhone, IconPhoneX, IconVideo } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Button } from './button.tsx';
import classes from './dossier.module.css';
import { Face } from './face.tsx';
import { Heading, UnderTitle } from './heading.tsx';
import { useLabels } from './labels.tsx';
import { Link } from './link.tsx';
import type { PersonView } from './reach.ts';
import { Wire } from './wire.tsx';

export interface DossierProps {
  caller: PersonView;
  me: Pick<PersonView, 'id' | 'name' | 'photo'>;
  /** In the wire: "rings 0:06". */
  timer: string;
  /** Under her name instead of her office: the number that she calls from. */
  from?: ReactNode;
  /** What is called: "Calls your address, extension 4102". */
  reason?: string;
  onAnswer: () => void;
  onAnswerVideo?: () => void;
  onRefuse: () => void;
  /** Stops the noise here. Drawn on telephones, where the dossier covers the line, which says it otherwise. */
  onSilence?: () => void;
  /** Sentences to refuse with: what is sent to the caller, or voicemail. */
  words?: readonly { id: string; text: string }[];
  onRefuseWith?: (id: string) => void;
  /** Over the sections: "What you have going on together". */
  title: string;
  /** Beside the title: a link to the person's page. */
  titleAction?: ReactNode;
  /** `DossierSection`s, two beside each other. */
  children?: ReactNode;
  /** Under the sections: the field for a note. */
  note?: ReactNode;
}

/**
 * Who calls and what you already share with them, under the line while it rings. It takes no focus and covers nothing
 * with a scrim: the line itself announces the call.
 */
export function Dossier(props: DossierProps) {
  const { caller, me, timer, from, reason, words = [], title, titleAction, children, note } = props;
  const labels = useLabels();
  const place = [caller.office, caller.localTime ? labels.hourThere(caller.localTime) : '']
    .filter(Boolean)
    .join(', ');
  return (
    <section className={classes.dossier} aria-label={labels.incomingFrom(caller.name)}>
      <div className={classes.caller}>
        <p className={classes.incoming}>{labels.incomingCall}</p>
        {props.onSilence ? (
          <button
            type="button"
            className={classes.silence}
            aria-label={labels.lineVerb.silence}
            title={labels.lineVerb.silence}
            onClick={props.onSilence}
          >
            <IconBellOff size={22} />
          </button>
        ) : null}
        <span className={classes.face}>
          <Face name={caller.name} id={caller.id} photo={caller.photo} size={104} ringing />
        </span>
        <h2 className={classes.name}>{caller.name}</h2>
        <p className={classes.place}>
          {caller.role ? <span>{caller.role}</span> : null}
          {(from ?? place) ? <span>{from ?? place}</span> : null}
        </p>
        <div className={classes.wire}>
          <Face name={caller.name} id={caller.id} photo={caller.photo} size={26} />
          <Wire kind="ring-in">
            <time role="timer" aria-live="off">
              {timer}
            </time>
          </Wire>
          <Face name={me.name} id={me.id} photo={me.photo} size={26} />
        </div>
        {reason ? <p className={classes.reason}>{reason}</p> : null}
        <div className={classes.verbs}>
          <Button variant="call" size="lg" leftSection={<IconPhone size={18} />} onClick={props.onAnswer}>
            {labels.answer}
          </Button>
          <Button variant="end" size="lg" leftSection={<IconPhoneX size={18} />} onClick={props.onRefuse}>
            {labels.refuse}
          </Button>
          {props.onAnswerVideo ? (
            <button type="button" className={classes.video} onClick={props.onAnswerVideo}>
              <IconVideo size={18} />
              <span>{labels.answerVideo}</span>
            </button>
          ) : null}
        </div>
        {words.length > 0 ? (
          <div className={classes.words}>
            <span id="refuse-with">{labels.refuseWithWord}</span>
            {words.map((word) => (
              <button key={word.id} type="button" onClick={() => props.onRefuseWith?.(word.id)}>
                {word.text}
              </button>
            ))}
          </div>
        ) : null}
      </div>
      <div className={classes.shared}>
        <div className={classes.head}>
          <h3>{title}</h3>
          {titleAction}
        </div>
        <div className={classes.sections}>
          <UnderTitle value={3}>{children}</UnderTitle>
        </div>
        {note ? <div className={classes.note}>{note}</div> : null}
      </div>
    </section>
  );
}

/** One thing that you share: next appointment, notes, last mails, files, calls. */
export function DossierSection({
  icon,
  title,
  action,
  children,
}: {
  icon: ReactNode;
  title: string;
  action?: ReactNode;
  children: ReactNode;
}) {
  return (
    <section className={classes.section}>
      <Heading>
        {icon}
        {title}
        {action ? <span className={classes.action}>{action}</span> : null}
      </Heading>
      {children}
    </section>
  );
}

/** A row of a section: a title, a second line, a time. */
export function DossierItem({
  title,
  second,
  time,
  href,
}: {
  title: string;
  second?: string;
  time?: string;
  href: string;
}) {
  return (
    <Link className={classes.item} href={href}>
      <span className={classes.itemWords}>
        <span className={classes.itemTitle}>{title}</span>
        {second ? <span className={classes.itemSecond}>{second}</span> : null}
      </span>
      {time ? <time>{time}</time> : null}
    </Link>
  );
}

/** A file of a section. */
export function DossierFile({ icon, name, href }: { icon: ReactNode; name: string; href: string }) {
  return (
    <Link className={classes.file} href={href}>
      {icon}
      <span>{name}</span>
    </Link>
  );
}

/** Under the rows of a section: the next of them. */
export function DossierMore({
  children,
  loading,
  onClick,
}: {
  children: ReactNode;
  loading?: boolean;
  onClick: () => void;
}) {
  return (
    <Button variant="subtle" loading={loading ?? false} onClick={onClick}>
      {children}
    </Button>
  );
}

/** A note of a section, in whole sentences. */
export function DossierNote({ children }: { children: ReactNode }) {
  return <p className={classes.sentence}>{children}</p>;
}
