import { useFormat } from '@liaison/core/web';
import { Select } from '@liaison/ui';
import { useTranslation } from 'react-i18next';
import { useMinute } from './minute.ts';
import { zoneOptions } from './time-zones.ts';

/** A time zone, with the hour that it is there now. */
export function ZoneSelect({ value, onChange }: { value: string; onChange: (zone: string) => void }) {
  const { t } = useTranslation('people');
  const { locale, language } = useFormat();
  useMinute();
  const now = new Intl.DateTimeFormat(locale, {
    timeZone: value,
    hour: '2-digit',
    minute: '2-digit',
  }).format();
  return (
    <Select
      label={t('field.timeZone')}
      description={t('field.timeZoneNow', { time: now })}
      data={zoneOptions(value, language)}
      value={value}
      onChange={(zone) => zone && onChange(zone)}
      searchable
      limit={80}
      allowDeselect={false}
      nothingFoundMessage={t('field.timeZoneNone')}
    />
  );
}
