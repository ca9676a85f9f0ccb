import { Button, IconButton, Select, TextInput } from '@liaison/ui';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { PhoneNumber } from '../../contract/index.ts';
import classes from './settings.module.css';

export interface TypedNumber {
  readonly key: number;
  /** As it was typed; the server makes E.164 of it. */
  readonly number: string;
  readonly label: PhoneNumber['label'];
}

const labels = ['work', 'mobile', 'home', 'other'] as const satisfies readonly PhoneNumber['label'][];
const atMost = 10;

/** Telephone numbers outside the suite, each with its kind. */
export function NumbersField({
  numbers,
  onChange,
}: {
  numbers: readonly TypedNumber[];
  onChange: (numbers: readonly TypedNumber[]) => void;
}) {
  const { t } = useTranslation('people');
  const change = (key: number, next: Partial<TypedNumber>): void =>
    onChange(numbers.map((each) => (each.key === key ? { ...each, ...next } : each)));
  const add = (): void =>
    onChange([
      ...numbers,
      { key: Math.max(-1, ...numbers.map((each) => each.key)) + 1, number: '', label: 'mobile' },
    ]);
  return (
    <>
      {numbers.map((each, index) => (
        <div key={each.key} className={classes.number}>
          <TextInput
            label={t('field.number', { count: index + 1 })}
            type="tel"
            maxLength={40}
            value={each.number}
            onChange={(event) => change(each.key, { number: event.currentTarget.value })}
          />
          <Select
            aria-label={t('field.numberKind', { count: index + 1 })}
            data={labels.map((label) => ({ value: label, label: t(`number.${label}`) }))}
            value={each.label}
            onChange={(label) => label && change(each.key, { label: label as PhoneNumber['label'] })}
            allowDeselect={false}
          />
          <IconButton
            aria-label={t('field.numberRemove', { count: index + 1 })}
            onClick={() => onChange(numbers.filter(({ key }) => key !== each.key))}
          >
            <IconTrash size={18} />
          </IconButton>
        </div>
      ))}
      {numbers.length < atMost ? (
        <div>
          <Button variant="default" leftSection={<IconPlus size={17} />} onClick={add}>
            {t('field.numberAdd')}
          </Button>
        </div>
      ) : null}
    </>
  );
}
