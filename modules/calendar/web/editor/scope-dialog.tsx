import { Button, Dialog, Radio, useLabels } from '@liaison/ui';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Scope, scopes } from '../../contract/appointment.ts';
import classes from '../calendar.module.css';

/** Which of a series is meant. */
export default function ScopeDialog({
  title,
  verb,
  onClose,
  onChoose,
}: {
  title: string;
  verb: string;
  onClose: () => void;
  onChoose: (scope: Scope) => void;
}) {
  const { t } = useTranslation('calendar');
  const labels = useLabels();
  const [scope, setScope] = useState<Scope>('one');
  return (
    <Dialog
      opened
      onClose={onClose}
      title={title}
      footer={
        <>
          <Button variant="default" onClick={onClose}>
            {labels.cancel}
          </Button>
          <Button onClick={() => onChoose(scope)}>{verb}</Button>
        </>
      }
    >
      <div className={classes.stack}>
        <p className={classes.quiet}>{t('scope.why')}</p>
        {scopes.map((each) => (
          <Radio
            key={each}
            name="scope"
            label={t(`scope.${each}`)}
            checked={scope === each}
            onChange={() => setScope(each)}
          />
        ))}
      </div>
    </Dialog>
  );
}
