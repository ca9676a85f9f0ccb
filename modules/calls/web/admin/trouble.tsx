import { Trouble as PlainTrouble } from '@liaison/core/web';
import classes from './admin.module.css';

/** What went wrong, with the room that tables leave around it. */
export const Trouble = ({ error }: { error: unknown }) =>
  error ? (
    <div className={classes.pad}>
      <PlainTrouble error={error} />
    </div>
  ) : null;
