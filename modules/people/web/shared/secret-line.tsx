import { CopyButton } from './copy-button.tsx';
import classes from './shared.module.css';

/** A text to be taken along (a link, a secret), shown whole, with a button that copies it. */
export function SecretLine({ text, label, copy }: { text: string; label: string; copy: string }) {
  return (
    <div className={classes.secret}>
      <div className={classes.secretWords}>
        <span className={classes.secretLabel}>{label}</span>
        <code>{text}</code>
      </div>
      <CopyButton text={text} label={copy} />
    </div>
  );
}
