import { useAction, useFormat, useProblemText, useSession } from '@liaison/core/web';
import { Button, Dot, type Reach, Row, Rows, TextInput, useLabels } from '@liaison/ui';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { setMyReachability } from '../contract/index.ts';
import { endOfTime } from './end-of-time.ts';
import classes from './my-menu.module.css';
import { useReachState } from './reach-provider.tsx';

type Wish = { state: 'free' | 'dnd' | 'away'; until?: string | null };

/** Choosing what others see of me: free, not to be disturbed until then, away. */
export function MyMenu({ done }: { done: () => void }) {
  const { t } = useTranslation('reach');
  const labels = useLabels();
  const format = useFormat();
  const problem = useProblemText();
  const { personId } = useSession();
  const mine = useReachState(personId);
  const [choosing, setChoosing] = useState(false);
  const [time, setTime] = useState('');
  const set = useAction(setMyReachability, { onDone: done });
  const wish = (body: Wish): void => set.mutate({ body });
  const inMinutes = (minutes: number): string => new Date(Date.now() + minutes * 60_000).toISOString();
  const until = endOfTime(time, format.timeZone);

  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (until) wish({ state: 'dnd', until: until.toISOString() });
  };
  const face = (state: Reach) => (
    <span className={classes.dot}>
      <Dot state={state} size={12} />
    </span>
  );
  return (
    <div className={classes.states}>
      <Rows label={t('title')}>
        <Row
          compact
          face={face('free')}
          name={labels.reach.free}
          selected={mine?.state === 'free'}
          onClick={() => wish({ state: 'free' })}
        />
        <Row
          compact
          face={face('dnd')}
          name={t('dnd.halfHour')}
          onClick={() => wish({ state: 'dnd', until: inMinutes(30) })}
        />
        <Row
          compact
          face={face('dnd')}
          name={t('dnd.hour')}
          onClick={() => wish({ state: 'dnd', until: inMinutes(60) })}
        />
        <Row compact face={face('dnd')} name={t('dnd.time')} onClick={() => setChoosing(!choosing)} />
      </Rows>
      {choosing ? (
        <form className={classes.time} onSubmit={submit}>
          <TextInput
            type="time"
            label={t('dnd.until')}
            value={time}
            onChange={(event) => setTime(event.currentTarget.value)}
            required
            withAsterisk={false}
          />
          <Button type="submit" variant="filled" loading={set.isPending}>
            {t('dnd.set')}
          </Button>
        </form>
      ) : null}
      <Rows label={t('open')}>
        <Row
          compact
          face={face('dnd')}
          name={t('dnd.open')}
          selected={mine?.state === 'dnd'}
          onClick={() => wish({ state: 'dnd', until: null })}
        />
        <Row
          compact
          face={face('away')}
          name={labels.reach.away}
          selected={mine?.state === 'away'}
          onClick={() => wish({ state: 'away', until: null })}
        />
      </Rows>
      {set.error ? (
        <p className={classes.problem} role="alert">
          {problem(set.error).text}
        </p>
      ) : null}
    </div>
  );
}
