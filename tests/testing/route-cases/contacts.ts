import { onePixel } from '../world.ts';
import type { Maker, RouteCases } from './route-case.ts';

const card = (name: string) => (make: Maker) => ({ params: { contactId: make.id(name) } });
const book = (make: Maker) => ({ params: { bookId: make.id('book') } });

/** Contacts, in the team's book, which guests read. */
export const contactsCases: RouteCases = {
  'GET /contacts/books': [{ least: 'guest' }],
  'GET /contacts/settings': [{ least: 'guest' }],
  'PUT /contacts/settings': [{ least: 'guest', request: () => ({ body: { sortBy: 'family' } }) }],
  'GET /contacts/labels': [{ least: 'guest', request: (make) => ({ query: { bookId: make.id('book') } }) }],
  'GET /contacts/cards': [
    {
      least: 'guest',
      request: (make) => ({
        query: { bookId: make.id('book'), companyId: make.id('company'), text: 'contact' },
      }),
    },
  ],
  'POST /contacts/books/:bookId/cards': [
    {
      least: 'guest',
      request: (make) => ({ ...book(make), body: { name: make.unique(), companyId: make.id('company') } }),
    },
  ],
  'GET /contacts/cards/:contactId': [{ least: 'guest', request: card('contact') }],
  'PUT /contacts/cards/:contactId': [
    {
      least: 'guest',
      request: (make) => ({
        ...card('contact-to-change')(make),
        body: { name: make.unique(), companyId: make.id('company'), version: 1 },
      }),
    },
  ],
  'POST /contacts/delete': [
    { least: 'guest', request: (make) => ({ body: { contactIds: [make.id('contact-to-delete')] } }) },
  ],
  'POST /contacts/restore': [
    { least: 'guest', request: (make) => ({ body: { contactIds: [make.id('contact-to-restore')] } }) },
  ],
  'POST /contacts/group': [
    {
      least: 'guest',
      request: (make) => ({ body: { contactIds: [make.id('contact')], add: ['Pilots'], remove: ['Press'] } }),
    },
  ],
  // Cards that are only read are in no group that somebody can name.
  'POST /contacts/groups/rename': [
    {
      least: 'guest',
      request: (make) => ({ body: { from: 'Nobody is in it', to: 'Pilots', bookId: make.id('book') } }),
      status: 404,
    },
  ],
  'POST /contacts/move': [
    {
      least: 'guest',
      request: (make) => ({ body: { contactIds: [make.id('contact')], bookId: make.id('book') } }),
    },
  ],
  'POST /contacts/export': [
    { least: 'guest', request: (make) => ({ body: { contactIds: [make.id('contact')] } }) },
  ],
  'PUT /contacts/cards/:contactId/photo': [
    { least: 'guest', request: (make) => ({ ...card('contact')(make), bytes: onePixel }) },
  ],
  'GET /contacts/cards/:contactId/photo': [{ least: 'guest', request: card('contact') }],
  'DELETE /contacts/cards/:contactId/photo': [{ least: 'guest', request: card('contact') }],
  'GET /contacts/names': [{ least: 'guest', request: () => ({ query: { numbers: '+441632960017' } }) }],
  'GET /contacts/birthdays': [
    { least: 'guest', request: () => ({ query: { from: '2027-01-01', days: '30' } }) },
  ],
  'GET /contacts/books/:bookId/duplicates': [{ least: 'guest', request: book }],
  'POST /contacts/merge': [
    {
      least: 'guest',
      request: (make) => ({
        body: {
          keep: { id: make.id('contact-to-keep'), version: 1 },
          others: [{ id: make.id('contact-to-merge'), version: 1 }],
          card: { name: 'merged', companyId: make.id('company') },
        },
      }),
    },
  ],
  'POST /contacts/merges/:mergeId/undo': [
    { least: 'guest', request: (make) => ({ params: { mergeId: make.id('merge') } }) },
  ],

  'POST /contacts/books/:bookId/imports': [
    {
      least: 'guest',
      request: (make) => ({
        ...book(make),
        query: { fileName: 'a.vcf' },
        bytes: Buffer.from('BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Somebody\r\nEND:VCARD\r\n'),
      }),
    },
  ],
  'GET /contacts/imports': [{ least: 'guest' }],
  // Somebody's own, which nobody else sees.
  'GET /contacts/imports/:importId': [
    { least: 'guest', request: (make) => ({ params: { importId: make.key() } }), status: 404 },
  ],
  'POST /contacts/imports/:importId/start': [
    { least: 'guest', request: (make) => ({ params: { importId: make.key() }, body: {} }), status: 404 },
  ],
  'POST /contacts/imports/:importId/stop': [
    { least: 'guest', request: (make) => ({ params: { importId: make.key() } }), status: 404 },
  ],
  'GET /contacts/imports/recent': [{ least: 'guest' }],
  'POST /contacts/imports/:importId/undo': [
    { least: 'guest', request: (make) => ({ params: { importId: make.key() } }), status: 404 },
  ],
  'GET /contacts/books/:bookId/export': [{ least: 'guest', request: book }],
  'GET /contacts/cards/:contactId/vcard': [{ least: 'guest', request: card('contact') }],
};
