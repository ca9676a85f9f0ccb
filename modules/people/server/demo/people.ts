import type { Role } from '@liaison/core/contract';
import type { Language } from '../../contract/index.ts';
import type { Portrait } from './portrait.ts';

/** The fictional organisation: nobody and nothing here exists, and `.example` belongs to nobody (RFC 2606 §3). */
export const demoOrganisation = {
  name: 'Estuaria',
  domain: 'estuaria.example',
  timeZone: 'Europe/Lisbon',
} as const;

export const demoTeams = {
  port: 'Port study Leixal',
  field: 'Field operations',
  support: 'IT support',
  legal: 'Dirección y legal',
} as const;
export type DemoTeam = keyof typeof demoTeams;

interface Invented {
  readonly name: string;
  readonly extension: string;
  readonly title: string;
  readonly office: string;
  readonly timeZone: string;
  readonly language: Language;
  readonly role: Role;
  readonly teams: readonly DemoTeam[];
  readonly speaks: readonly string[];
  readonly bio?: string;
  readonly mobile?: string;
  /** Absent where initials are shown. */
  readonly portrait?: Portrait;
  /** Set for the two whose sign-in is printed. */
  readonly password?: string;
  readonly sip?: { readonly username: string; readonly secret: string };
}

const lisbon = { office: 'Lisboa', timeZone: 'Europe/Lisbon' };
const dakar = { office: 'Dakar', timeZone: 'Africa/Dakar' };
const saoPaulo = { office: 'São Paulo', timeZone: 'America/Sao_Paulo' };

/** Mobile numbers are of the range that the United Kingdom keeps for drama. */
export const demoPeople = {
  ines: {
    name: 'Inês Carvalhal',
    extension: '4102',
    title: 'Project lead',
    ...lisbon,
    language: 'pt',
    role: 'owner',
    teams: ['port', 'legal'],
    speaks: ['pt', 'fr', 'en', 'es'],
    bio: 'Coordena o estudo do porto de Leixal. De manhã no estaleiro, à tarde ao telefone.',
    mobile: '+447700900102',
    portrait: { skin: '#d09a75', hair: '#3a2418', clothes: '#2e5560', wall: '#c8c2b4', style: 'long' },
    password: 'maré alta em Leixal 7',
    sip: { username: 'ines.carvalhal', secret: 'hk7v-m2xp-w9td-r4cz' },
  },
  amina: {
    name: 'Amina Diarra-Kessel',
    extension: '4145',
    title: 'Head of field operations',
    ...dakar,
    language: 'fr',
    role: 'manager',
    teams: ['field', 'port'],
    speaks: ['fr', 'wo', 'en'],
    bio: 'Équipes de terrain, bateaux et marégraphes. Joignable par téléphone plutôt que par courrier.',
    mobile: '+447700900145',
    portrait: { skin: '#7b4a32', hair: '#17100d', clothes: '#2f4f7a', wall: '#d3c8ae', style: 'scarf' },
    password: 'vent de terre à Dakar 4',
    sip: { username: 'amina.diarrakessel', secret: 'q3nb-y8fs-u5ej-g6wa' },
  },
  beatriz: {
    name: 'Beatriz Monteverde',
    extension: '4127',
    title: 'Coastal modelling',
    ...saoPaulo,
    language: 'pt',
    role: 'member',
    teams: ['port'],
    speaks: ['pt', 'en'],
    portrait: { skin: '#c08a5f', hair: '#1f1512', clothes: '#c9b79a', wall: '#b9b09c', style: 'bun' },
  },
  tomas: {
    name: 'Tomás Quevedo-Reis',
    extension: '4105',
    title: 'Contracts',
    ...lisbon,
    language: 'es',
    role: 'member',
    teams: ['port', 'legal'],
    speaks: ['es', 'pt', 'en'],
    portrait: {
      skin: '#dfb08e',
      hair: '#5b4634',
      clothes: '#38414f',
      wall: '#b3c0c4',
      style: 'short',
      beard: true,
    },
  },
  njeri: {
    name: 'Njeri Wambuto',
    extension: '4160',
    title: 'Head of hydrology',
    office: 'Nairobi',
    timeZone: 'Africa/Nairobi',
    language: 'en',
    role: 'member',
    teams: ['port', 'field'],
    speaks: ['en', 'fr', 'sw'],
    mobile: '+447700900160',
    portrait: { skin: '#744a33', hair: '#17100d', clothes: '#a6553a', wall: '#d0c3a6', style: 'round' },
  },
  joaquin: {
    name: 'Joaquín Salvatierra',
    extension: '4133',
    title: 'Survey vessel',
    office: 'Montevideo',
    timeZone: 'America/Montevideo',
    language: 'es',
    role: 'member',
    teams: ['field', 'port'],
    speaks: ['es', 'pt'],
  },
  claire: {
    name: 'Claire Aubrieux',
    extension: '4170',
    title: 'Legal counsel',
    office: 'Montréal',
    timeZone: 'America/Toronto',
    language: 'fr',
    role: 'member',
    teams: ['legal'],
    speaks: ['fr', 'en'],
    portrait: { skin: '#e6bb9c', hair: '#b98a58', clothes: '#7a2f46', wall: '#b9c4bd', style: 'bob' },
  },
  mateus: {
    name: 'Mateus Alvorada',
    extension: '4119',
    title: 'Field engineer',
    ...lisbon,
    language: 'pt',
    role: 'member',
    teams: ['field', 'support'],
    speaks: ['pt', 'en'],
    portrait: { skin: '#b07a52', hair: '#241a14', clothes: '#4d6a3c', wall: '#bcc4c0', style: 'short' },
  },
  hoa: {
    name: 'Hoa Trần-Leclerc',
    extension: '4181',
    title: 'Data and tides',
    office: 'Manila',
    timeZone: 'Asia/Manila',
    language: 'en',
    role: 'member',
    teams: ['port', 'support'],
    speaks: ['vi', 'fr', 'en'],
    portrait: { skin: '#e0b48f', hair: '#14110f', clothes: '#3d4a66', wall: '#a9bac6', style: 'bob' },
  },
  ingrid: {
    name: 'Ingrid Solvang-Mørk',
    extension: '4100',
    title: 'Director',
    ...lisbon,
    language: 'en',
    role: 'owner',
    teams: ['legal'],
    speaks: ['nb', 'en', 'pt'],
    portrait: { skin: '#ecc7ab', hair: '#c8bda8', clothes: '#41525c', wall: '#c2c8c4', style: 'long' },
  },
  kofi: {
    name: 'Kofi Asare-Menka',
    extension: '4148',
    title: 'Laboratory',
    ...dakar,
    language: 'en',
    role: 'member',
    teams: ['field'],
    speaks: ['en', 'tw', 'fr'],
    mobile: '+447700900148',
    portrait: {
      skin: '#5a3826',
      hair: '#120c0a',
      clothes: '#c6c9c2',
      wall: '#cdbf9f',
      style: 'shaven',
      beard: true,
    },
  },
  dalva: {
    name: 'Dalva Nogueirão',
    extension: '4129',
    title: 'Purchasing',
    ...saoPaulo,
    language: 'pt',
    role: 'member',
    teams: ['support', 'legal'],
    speaks: ['pt', 'es'],
  },
} as const satisfies Record<string, Invented>;

export type DemoPersonKey = keyof typeof demoPeople;
export const demoPersonOf = (key: DemoPersonKey): Invented => demoPeople[key];

/** `Hoa Trần-Leclerc` has `hoa.tranleclerc@estuaria.example`. */
export const addressSafe = (folded: string): string =>
  `${folded.replace(/[^a-z ]/g, '').replace(' ', '.')}@${demoOrganisation.domain}`;
