import type { ContactDraft } from '../contract/index.ts';

/**
 * Invented, with numbers that are kept for examples (United Kingdom 01632 960xxx, North America 555 01xx, France 01 99 00 xx xx)
 * and domains that nobody can own (RFC 2606 §2).
 */
const company = (
  name: string,
  number: string,
  domain: string,
  city: string,
  country: string,
): ContactDraft => ({
  kind: 'company',
  name,
  numbers: [{ label: 'work', number }],
  emails: [{ label: 'work', address: `office@${domain}` }],
  webPages: [`https://${domain}`],
  addresses: [{ label: 'work', street: '1 Quay Road', city, country }],
});

const person = (
  given: string,
  family: string,
  organisation: string,
  title: string,
  number: string,
  address: string,
  more: Partial<ContactDraft> = {},
): ContactDraft => ({
  given,
  family,
  organisation,
  title,
  numbers: [{ label: 'work', number }],
  emails: [{ label: 'work', address }],
  ...more,
});

/** By the demo's team. */
export const demoTeamCards: Readonly<Record<string, readonly ContactDraft[]>> = {
  'Port study Leixal': [
    company('Saltmarsh Dredging', '+44 1632 960100', 'saltmarsh.example', 'Harwich', 'United Kingdom'),
    company('Phares et Balises du Ponant', '+33 1 99 00 40 00', 'phares-ponant.example', 'Brest', 'France'),
    company('Blue Gannet Survey', '+1 202 555 0140', 'bluegannet.example', 'Baltimore', 'United States'),
    person(
      'Zoë',
      'Lefèvre',
      'Phares et Balises du Ponant',
      'Harbour pilot',
      '+33 1 99 00 40 17',
      'zoe@phares-ponant.example',
      {
        labels: ['Pilots'],
        languages: ['fr', 'br'],
        birthday: { year: null, month: 12, day: 3 },
        notes: 'Knows every bar of the estuary. Best before nine.',
      },
    ),
    person(
      'Rhodri',
      'Penhallow',
      'Saltmarsh Dredging',
      'Project manager',
      '+44 1632 960117',
      'rhodri@saltmarsh.example',
      {
        labels: ['Dredging'],
        numbers: [
          { label: 'work', number: '+44 1632 960117 ext. 4' },
          { label: 'mobile', number: '+44 7700 900117' },
        ],
        birthday: { year: 1978, month: 1, day: 16 },
      },
    ),
    person(
      'Marisol',
      'Achterberg',
      'Blue Gannet Survey',
      'Hydrographer',
      '+1 202 555 0147',
      'marisol@bluegannet.example',
      {
        labels: ['Survey'],
        languages: ['en', 'es'],
      },
    ),
    person(
      'Tunde',
      'Okonjo-Vale',
      'Blue Gannet Survey',
      'Data desk',
      '+1 202 555 0148',
      'tunde@bluegannet.example',
      {
        labels: ['Survey'],
      },
    ),
    person('Åse', 'Nordvik', 'Saltmarsh Dredging', 'Contracts', '+44 1632 960118', 'ase@saltmarsh.example'),
  ],
  'Dirección y legal': [
    company(
      'Quillon & Marsh Solicitors',
      '+44 1632 960200',
      'quillon-marsh.example',
      'London',
      'United Kingdom',
    ),
    person(
      'Perpetua',
      'Quillon',
      'Quillon & Marsh Solicitors',
      'Partner',
      '+44 1632 960201',
      'perpetua@quillon-marsh.example',
      {
        labels: ['Contracts'],
      },
    ),
  ],
};

/** In the private book of the demo's first person. */
export const demoOwn: readonly ContactDraft[] = [
  {
    given: 'Benedita',
    family: 'Carvalhal',
    numbers: [{ label: 'mobile', number: '+44 7700 900221' }],
    birthday: { year: 1952, month: 11, day: 29 },
    labels: ['Family'],
  },
  {
    given: 'Dr. Oswin',
    family: 'Tamm',
    title: 'Dentist',
    numbers: [{ label: 'work', number: '+44 1632 960330' }],
    addresses: [{ label: 'work', street: '12 Tide Street', city: 'Harwich', country: 'United Kingdom' }],
  },
];
