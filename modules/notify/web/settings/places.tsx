import { useAction, useApi, useProblemText } from '@liaison/core/web';
import { listTeams } from '@liaison/people';
import { IconButton, NativeSelect, Section, Thing, Things, useToasts } from '@liaison/ui';
import { IconX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import {
  mostPlacePreferences,
  type PlacePreference,
  readPreferences,
  setPlacePreference,
} from '../../contract/index.ts';
import { WhenChoice } from './kinds.tsx';
import classes from './settings.module.css';

/** Spaces and conversations that are told of otherwise than the rest. */
export function Places({ places }: { places: readonly PlacePreference[] }) {
  const { t } = useTranslation('notify');
  const problemText = useProblemText();
  const toasts = useToasts();
  const set = useAction(setPlacePreference, {
    invalidates: [readPreferences],
    onFailed: (error) => toasts.show({ text: problemText(error).text, tone: 'danger' }),
  });
  const teams = useApi(listTeams, { query: { kind: 'team' } });
  const others = (teams.data?.teams ?? []).filter(
    ({ id, myRole }) =>
      myRole !== null &&
      !places.some(({ spaceId, containerId, kind }) => spaceId === id && !containerId && !kind),
  );
  return (
    <Section title={t('settings.places')} why={t('settings.placesWhy')}>
      {places.length > 0 ? (
        <Things label={t('settings.places')}>
          {places.map(({ spaceId, containerId, kind, when, name }) => {
            const place = { spaceId, containerId, kind };
            return (
              <Thing
                key={`${spaceId} ${containerId} ${kind}`}
                wraps
                name={name}
                second={kind ? t(`kind.${kind}`, { defaultValue: kind }) : null}
                action={
                  <>
                    <WhenChoice
                      label={name}
                      value={when}
                      onChange={(next) => set.mutate({ body: { ...place, when: next } })}
                    />
                    <IconButton
                      aria-label={t('settings.placeAsUsual', { name })}
                      onClick={() => set.mutate({ body: { ...place, when: null } })}
                    >
                      <IconX size={17} />
                    </IconButton>
                  </>
                }
              />
            );
          })}
        </Things>
      ) : (
        <p className={classes.plain}>{t('settings.placesNone')}</p>
      )}
      {others.length > 0 && places.length < mostPlacePreferences ? (
        <NativeSelect
          label={t('settings.placeAdd')}
          options={[
            { value: '', label: t('settings.placeChoose') },
            ...others.map(({ id, name }) => ({ value: id, label: name })),
          ]}
          value=""
          onChange={(spaceId) => {
            if (spaceId) set.mutate({ body: { spaceId, containerId: null, kind: null, when: 'digest' } });
          }}
        />
      ) : null}
    </Section>
  );
}
