import { cityName, type Language, languageNames, languages, useFormat } from '@liaison/core/web';
import { Mark } from '@liaison/ui';
import { IconLanguage } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useMinute } from '../shared/minute.ts';
import { ownZone } from '../shared/time-zones.ts';
import classes from './frame.module.css';

/** What stands around every page that is shown before somebody is signed in. */
export function OutsideFrame({ children, foot }: { children: ReactNode; foot?: string }) {
  const { t } = useTranslation('people');
  return (
    <div className={classes.outside}>
      <div className={classes.paper}>
        <header className={classes.brand}>
          <Mark size={34} />
          <b>Liaison</b>
        </header>
        <main className={classes.middle}>
          <div className={classes.form}>{children}</div>
        </main>
        <Languages />
      </div>
      <aside className={classes.ink} aria-label={t('outside.aside')}>
        <p className={classes.motto}>{t('outside.motto')}</p>
        <Clocks />
        <p className={classes.foot}>{foot ?? t('outside.foot')}</p>
      </aside>
    </div>
  );
}

function Languages() {
  const { t, i18n } = useTranslation('people');
  const choose = (language: Language): void => void i18n.changeLanguage(language);
  return (
    <nav className={classes.languages} aria-label={t('field.language')}>
      <IconLanguage size={17} aria-hidden="true" />
      {languages.map((language) => (
        <button
          key={language}
          type="button"
          lang={language}
          aria-current={language === i18n.language ? 'true' : undefined}
          onClick={() => choose(language)}
        >
          {languageNames[language]}
        </button>
      ))}
    </nav>
  );
}

/** Places all around, so that a clock of each part of the day is seen. */
const places = [
  'America/Toronto',
  'America/Sao_Paulo',
  'Africa/Dakar',
  'Africa/Nairobi',
  'Asia/Manila',
] as const;

/** The hours of some places between which people speak, ours among them. */
function Clocks() {
  const { t } = useTranslation('people');
  const { locale, language } = useFormat();
  const now = useMinute() * 60_000;
  const mine = ownZone();
  const offset = (timeZone: string): number =>
    Date.parse(new Date(now).toLocaleString('en-US', { timeZone })) - now;
  const rows = [
    ...places
      .filter((zone) => zone !== mine)
      // Its site is in the other city of that zone.
      .map((zone) => ({
        zone,
        city: zone === 'America/Toronto' ? t('city.montreal') : cityName(zone, language),
      })),
    { zone: mine, city: cityName(mine, language) },
  ].sort((a, b) => offset(a.zone) - offset(b.zone));
  return (
    <ul className={classes.clocks}>
      {rows.map(({ zone, city }) => (
        <li key={zone} data-here={zone === mine || undefined}>
          <span>{city}</span>
          <time>
            {new Intl.DateTimeFormat(locale, { timeZone: zone, hour: '2-digit', minute: '2-digit' }).format(
              now,
            )}
          </time>
        </li>
      ))}
    </ul>
  );
}
