import { Button, IconButton, Select, Textarea, TextInput } from '@liaison/ui';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { placeLabels } from '../../contract/index.ts';
import classes from '../contacts.module.css';
import type { Place } from './draft.ts';

const atMost = 10;
const fields = ['postalCode', 'city', 'region', 'country'] as const;

/** Postal addresses. */
export function AddressFields({
  places,
  onChange,
}: {
  places: readonly Place[];
  onChange: (places: readonly Place[]) => void;
}) {
  const { t } = useTranslation('contacts');
  const change = (key: number, next: Partial<Place>): void =>
    onChange(places.map((place) => (place.key === key ? { ...place, ...next } : place)));
  return (
    <fieldset className={classes.lines}>
      <legend>{t('field.addresses')}</legend>
      {places.map((place) => (
        <div key={place.key} className={classes.place}>
          <div className={classes.line}>
            <Select
              aria-label={t('field.labelOfAddress')}
              data={placeLabels.map((value) => ({ value, label: t(`placeLabel.${value}`) }))}
              value={place.label}
              onChange={(label) => label && change(place.key, { label: label as Place['label'] })}
              allowDeselect={false}
            />
            <IconButton
              aria-label={t('remove.address')}
              onClick={() => onChange(places.filter(({ key }) => key !== place.key))}
            >
              <IconTrash size={18} />
            </IconButton>
          </div>
          <Textarea
            label={t('field.street')}
            rows={2}
            maxLength={500}
            value={place.street}
            onChange={(event) => change(place.key, { street: event.currentTarget.value })}
          />
          <div className={classes.pair}>
            {fields.map((field) => (
              <TextInput
                key={field}
                label={t(`field.${field}`)}
                maxLength={field === 'postalCode' ? 30 : 120}
                value={place[field]}
                onChange={(event) => change(place.key, { [field]: event.currentTarget.value })}
              />
            ))}
          </div>
        </div>
      ))}
      {places.length < atMost ? (
        <div>
          <Button
            variant="subtle"
            leftSection={<IconPlus size={17} />}
            onClick={() =>
              onChange([
                ...places,
                {
                  key: Math.max(-1, ...places.map(({ key }) => key)) + 1,
                  label: 'work',
                  street: '',
                  postalCode: '',
                  city: '',
                  region: '',
                  country: '',
                },
              ])
            }
          >
            {t('add.address')}
          </Button>
        </div>
      ) : null}
    </fieldset>
  );
}
