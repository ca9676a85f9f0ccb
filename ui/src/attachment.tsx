import { IconFileText, IconX } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import classes from './attachment.module.css';
import { IconButton } from './icon-button.tsx';
import { useLabels } from './labels.tsx';
import { Link } from './link.tsx';
import { Progress } from './progress.tsx';

export interface AttachmentProps {
  name: string;
  /** "4.2 MB · opened by 5 of 9". */
  detail?: string;
  icon?: ReactNode;
  href?: string;
  /** At the end: download. */
  action?: ReactNode;
  /** While it travels, 0 to 1. */
  progress?: number;
  /** Takes it off a message that is being written. */
  onRemove?: () => void;
}

/** A file on a message. */
export function Attachment({ name, detail, icon, href, action, progress, onRemove }: AttachmentProps) {
  const labels = useLabels();
  const words = (
    <span className={classes.words}>
      <b>{name}</b>
      {progress === undefined ? (
        detail ? (
          <span>{detail}</span>
        ) : null
      ) : (
        <Progress label={name} value={progress} bare />
      )}
    </span>
  );
  return (
    <div className={classes.attachment}>
      <span className={classes.icon}>{icon ?? <IconFileText size={19} />}</span>
      {href ? (
        <Link className={classes.link} href={href}>
          {words}
        </Link>
      ) : (
        words
      )}
      {action}
      {onRemove ? (
        <IconButton aria-label={labels.verbFor(labels.discard, name)} onClick={onRemove}>
          <IconX size={16} />
        </IconButton>
      ) : null}
    </div>
  );
}
