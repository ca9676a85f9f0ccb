/** So many failures are free; from then on each doubles the wait, from `firstWaitMs` up to `capMs`. */
export interface Limit {
  readonly free: number;
  readonly firstWaitMs: number;
  readonly capMs: number;
}

export interface GuessingPolicy {
  /** One network at one account. */
  readonly pair: Limit;
  /** One network at anything: a whole office may stand behind one address. */
  readonly network: Limit;
  /** One that signed in before at one account: never held up by what others guess. */
  readonly known: Limit;
  /** An account with more failures than this from everywhere gives each new network fewer free tries. */
  readonly attackedAfter: number;
  readonly freeWhileAttacked: number;
  /** Whether a network is known to an account once it has signed in from there. */
  readonly remembersNetworks: boolean;
}

const minuteMs = 60_000;

/** People who type passwords and codes in a browser. */
export const peoplePolicy: GuessingPolicy = {
  pair: { free: 5, firstWaitMs: 1000, capMs: 15 * minuteMs },
  network: { free: 60, firstWaitMs: 1000, capMs: minuteMs },
  known: { free: 10, firstWaitMs: 1000, capMs: 15 * minuteMs },
  attackedAfter: 100,
  freeWhileAttacked: 2,
  remembersNetworks: false,
};

/**
 * Programs that sign in by themselves: they make no typing errors, and try again without end, so that a network is held up
 * early and long. A telephone that was signed in from there goes on: nobody else's guesses count against it.
 */
export const devicePolicy: GuessingPolicy = {
  pair: { free: 8, firstWaitMs: 30_000, capMs: 60 * minuteMs },
  network: { free: 16, firstWaitMs: minuteMs, capMs: 60 * minuteMs },
  known: { free: 10, firstWaitMs: 1000, capMs: 15 * minuteMs },
  attackedAfter: 100,
  freeWhileAttacked: 2,
  remembersNetworks: true,
};
