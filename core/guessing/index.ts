export {
  type Attempt,
  createGuessing,
  type Guessing,
  type GuessingOptions,
  TooManyTries,
} from './guessing.ts';
export { networkOf } from './network.ts';
export { devicePolicy, type GuessingPolicy, type Limit, peoplePolicy } from './policy.ts';
