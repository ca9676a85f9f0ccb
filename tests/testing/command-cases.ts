import type { Maker } from './route-cases/index.ts';

/** One way to use a live command: parameters that its schema takes, with something in every place for an id. */
export type CommandCase = (make: Maker) => Record<string, unknown>;

const call: CommandCase = (make) => ({ callId: make.id('call') });

/**
 * Every command that a page may send on its live socket. One that is missing here fails the tests by name: say how it is
 * used.
 */
export const commandCases: Readonly<Record<string, readonly CommandCase[]>> = {
  'calls.start': [(make) => ({ to: make.id('person-member') })],
  'calls.answer': [call],
  'calls.decline': [call],
  'calls.hang-up': [call],
  'calls.hold': [(make) => ({ ...call(make), held: true }), (make) => ({ ...call(make), held: false })],
  'calls.take': [call],
  'calls.transfer': [(make) => ({ ...call(make), to: make.id('person-member') })],
  'calls.join': [(make) => ({ ...call(make), withId: make.id('call') })],
  'calls.send-to-telephone': [(make) => ({ ...call(make), deviceId: make.key() })],
  'calls.stay': [call],
  'calls.offer-picture': [call],
  'calls.mine': [() => ({})],
  'calls.ice-servers': [() => ({})],
  'calls.describe': [(make) => ({ ...call(make), round: 1, sdp: 'v=0\r\n' })],
  'calls.media-state': [
    (make) => ({ ...call(make), round: 1, state: 'connected' }),
    (make) => ({ ...call(make), round: 1, state: 'failed' }),
  ],
  'chat.say-typing': [
    (make) => ({ conversationId: make.id('conversation') }),
    (make) => ({ conversationId: make.id('conversation'), threadId: make.id('message-member') }),
    (make) => ({ conversationId: make.id('direct') }),
  ],
  'reach.set-idle': [() => ({ idle: true }), () => ({ idle: false })],
};
