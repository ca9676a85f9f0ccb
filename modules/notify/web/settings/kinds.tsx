import { useAction, useProblemText } from '@liaison/core/web';
import { Section, Segments, Thing, Things, useToasts } from '@liaison/ui';
import { useTranslation } from 'react-i18next';
import {
  type KindPreference,
  readPreferences,
  setKindPreference,
  type When,
  whens,
} from '../../contract/index.ts';
import classes from './settings.module.css';

/** When each kind of news comes. */
export function Kinds({ kinds }: { kinds: readonly KindPreference[] }) {
  const { t } = useTranslation('notify');
  return (
    <Section title={t('settings.kinds')} why={t('settings.kindsWhy')}>
      <Things label={t('settings.kinds')}>
        {kinds.map((preference) => (
          <Kind key={preference.kind} preference={preference} />
        ))}
      </Things>
    </Section>
  );
}

function Kind({ preference: { kind, when, usual } }: { preference: KindPreference }) {
  const { t } = useTranslation('notify');
  const problemText = useProblemText();
  const toasts = useToasts();
  const set = useAction(setKindPreference, {
    invalidates: [readPreferences],
    onFailed: (error) => toasts.show({ text: problemText(error).text, tone: 'danger' }),
  });
  const name = t(`kind.${kind}`, { defaultValue: kind });
  const shown = set.isPending ? (set.variables.body.when ?? usual) : when;
  return (
    <Thing
      wraps
      name={name}
      action={
        <WhenChoice
          label={name}
          value={shown}
          // What is usual is not chosen: where that changes, it changes here too.
          onChange={(next) => set.mutate({ params: { kind }, body: { when: next === usual ? null : next } })}
        />
      }
    />
  );
}

/** Now, once a day, or never. */
export function WhenChoice({
  label,
  value,
  onChange,
}: {
  label: string;
  value: When;
  onChange: (when: When) => void;
}) {
  const { t } = useTranslation('notify');
  return (
    <span className={classes.choice}>
      <Segments
        label={label}
        value={value}
        onChange={onChange}
        items={whens.map((when) => ({ id: when, label: t(`when.${when}`) }))}
      />
    </span>
  );
}
