import { Dialog } from './dialog.tsx';
import { Kbd } from './kbd.tsx';
import classes from './key-help.module.css';
import { useLabels } from './labels.tsx';

export interface KeyGroup {
  title: string;
  /** `keys`: pressed together in one string with spaces ("Ctrl K"); several strings are pressed after each other. */
  keys: readonly { keys: readonly string[]; does: string }[];
}

/** All keys, on `?`. */
export function KeyHelp({
  opened,
  onClose,
  groups,
}: {
  opened: boolean;
  onClose: () => void;
  groups: readonly KeyGroup[];
}) {
  const labels = useLabels();
  return (
    <Dialog opened={opened} onClose={onClose} title={labels.keys} width={720}>
      <div className={classes.groups}>
        {groups.map((group) => (
          <section key={group.title}>
            <h3>{group.title}</h3>
            <dl>
              {group.keys.map((entry) => (
                <div key={entry.does} className={classes.entry}>
                  <dt>
                    {entry.keys.map((combination) => (
                      <span key={combination} className={classes.combination}>
                        {combination.split(' ').map((key) => (
                          <Kbd key={key}>{key}</Kbd>
                        ))}
                      </span>
                    ))}
                  </dt>
                  <dd>{entry.does}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
