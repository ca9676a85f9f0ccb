import { onePixel } from '../world.ts';
import type { Maker, RouteCases } from './route-case.ts';

const message = (make: Maker) => ({ params: { messageId: make.id(`message-${make.me.role}`) } });
const conversation = (make: Maker) => ({ params: { conversationId: make.id('conversation') } });

/** Chat, in the team's conversation, in which all four are. */
export const chatCases: RouteCases = {
  'GET /chat/conversations': [{ least: 'guest' }],
  'GET /chat/conversations/:conversationId': [{ least: 'guest', request: conversation }],
  'POST /chat/direct': [{ least: 'member', request: (make) => ({ body: { personId: make.id('subject') } }) }],
  'GET /chat/conversations/:conversationId/messages': [{ least: 'guest', request: conversation }],
  'GET /chat/messages/:messageId/thread': [{ least: 'guest', request: message }],
  'POST /chat/conversations/:conversationId/messages': [
    {
      least: 'guest',
      request: (make) => ({
        ...conversation(make),
        body: {
          clientKey: make.key(),
          body: 'with everything',
          threadId: make.id('message-member'),
          attachmentIds: [make.id(`upload-${make.me.role}`)],
        },
      }),
    },
  ],
  'PATCH /chat/messages/:messageId': [
    { least: 'guest', request: (make) => ({ ...message(make), body: { body: 'said better' } }) },
  ],
  'GET /chat/messages/:messageId/versions': [{ least: 'guest', request: message }],
  'PUT /chat/messages/:messageId/reactions': [
    { least: 'guest', request: (make) => ({ ...message(make), body: { emoji: '👍', on: true } }) },
  ],
  'PUT /chat/conversations/:conversationId/read': [
    { least: 'guest', request: (make) => ({ ...conversation(make), body: { seq: 1 } }) },
  ],
  'GET /chat/with/:personId': [
    { least: 'guest', request: (make) => ({ params: { personId: make.id('person-member') } }) },
  ],
  'GET /chat/search': [
    {
      least: 'guest',
      request: (make) => ({ query: { q: 'said', conversationId: make.id('conversation') } }),
    },
  ],
  'GET /chat/conversations/:conversationId/attachments': [{ least: 'guest', request: conversation }],
  'POST /chat/conversations/:conversationId/attachments': [
    {
      least: 'guest',
      request: (make) => ({
        ...conversation(make),
        query: { name: 'dot.png', type: 'image/png' },
        bytes: onePixel,
      }),
    },
  ],
  'GET /chat/attachments/:attachmentId': [
    { least: 'guest', request: (make) => ({ params: { attachmentId: make.id('attachment') } }) },
  ],
  'GET /chat/attachments/:attachmentId/preview': [
    { least: 'guest', request: (make) => ({ params: { attachmentId: make.id('attachment') } }) },
  ],
  'DELETE /chat/messages/:messageId': [
    {
      least: 'guest',
      request: (make) => ({ params: { messageId: make.id(`doomed-message-${make.me.role}`) } }),
    },
  ],
};
