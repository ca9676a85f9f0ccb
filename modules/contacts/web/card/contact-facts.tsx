import { localeFor, Slot, useFormat } from '@liaison/core/web';
import { IconButton, useLabels } from '@liaison/ui';
import { IconMail, IconPhone } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { type Contact, contactNumberVerb } from '../../contract/index.ts';
import classes from '../contacts.module.css';
import { birthdayText } from './birthday-text.ts';

/** How somebody outside is reached, and what is known of her. */
export function ContactFacts({ contact }: { contact: Contact }) {
  const { t, i18n } = useTranslation('contacts');
  const labels = useLabels();
  const format = useFormat();
  const locale = localeFor(i18n.language);
  const languageNames = new Intl.DisplayNames([locale], { type: 'language' });
  const languageOf = (tag: string): string => {
    try {
      return languageNames.of(tag) ?? tag;
    } catch {
      return tag;
    }
  };
  return (
    <dl className={classes.facts}>
      {contact.numbers.map((number) => (
        <Fact
          key={`${number.label} ${number.number}`}
          label={t(`numberLabel.${number.label}`)}
          action={<CallVerb number={number.e164 ?? number.number} name={contact.name} />}
        >
          {number.shown}
          {number.e164 !== null && number.shown.replace(/\D/g, '') !== number.number.replace(/\D/g, '') ? (
            <small>{t('asTyped', { number: number.number })}</small>
          ) : null}
        </Fact>
      ))}
      {contact.emails.map(({ label, address }) => (
        <Fact
          key={`${label} ${address}`}
          label={t(`emailLabel.${label}`)}
          action={
            <IconButton aria-label={labels.verbFor(labels.mail, address)} href={`mailto:${address}`}>
              <IconMail size={18} />
            </IconButton>
          }
        >
          {address}
        </Fact>
      ))}
      {contact.sip.map(({ label, address }) => (
        <Fact
          key={`${label} ${address}`}
          label={t('field.sip')}
          action={<CallVerb number={address} name={contact.name} />}
        >
          {address}
        </Fact>
      ))}
      {contact.addresses.map((place) => (
        <Fact key={JSON.stringify(place)} label={t(`addressLabel.${place.label}`)}>
          <span className={classes.address}>
            {[
              place.street,
              [place.postalCode, place.city].filter(Boolean).join(' '),
              place.region,
              place.country,
            ]
              .filter(Boolean)
              .join('\n')}
          </span>
        </Fact>
      ))}
      {contact.birthday ? (
        <Fact label={t('field.birthday')}>{birthdayText(contact.birthday, locale)}</Fact>
      ) : null}
      {contact.nickname ? <Fact label={t('field.nickname')}>{contact.nickname}</Fact> : null}
      {contact.webPages.map((page) => (
        <Fact key={page} label={t('field.webPage')}>
          <a href={page} target="_blank" rel="noopener noreferrer">
            {page.replace(/^https?:\/\//i, '')}
          </a>
        </Fact>
      ))}
      {contact.languages.length > 0 ? (
        <Fact label={t('field.languages')}>{format.list(contact.languages.map(languageOf))}</Fact>
      ) : null}
    </dl>
  );
}

function CallVerb({ number, name }: { number: string; name: string }) {
  const labels = useLabels();
  return (
    <Slot
      slot={contactNumberVerb}
      number={number}
      name={name}
      empty={
        <IconButton aria-label={labels.verbFor(labels.call, number)} href={`tel:${number}`}>
          <IconPhone size={18} />
        </IconButton>
      }
    />
  );
}

function Fact({ label, action, children }: { label: string; action?: ReactNode; children: ReactNode }) {
  return (
    <div className={classes.fact}>
      <dt>{label}</dt>
      <dd>
        <span className={classes.value}>{children}</span>
        {action}
      </dd>
    </div>
  );
}
