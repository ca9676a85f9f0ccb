import { randomBytes } from 'node:crypto';
import {
  createSrtpReceiver,
  createSrtpSender,
  type SrtpReceiver,
  type SrtpSender,
  srtpMaster,
} from '@liaison/rtp';
import {
  CRYPTO_SUITES,
  type CryptoAttribute,
  type CryptoSuite,
  cryptoMaterialBytes,
  OFFERED_CRYPTO_SUITES,
  SdpError,
} from '@liaison/sdp';

export interface SrtpPair {
  sender: SrtpSender;
  receiver: SrtpReceiver;
}

/**
 * The keys of one telephone end (RFC 4568). Ours are made once for each suite and stay for the end's life: our stream
 * goes on through every new description, and so does its rollover counter. The other side's are new when it says so.
 */
export interface EndKeys {
  readonly suite: CryptoSuite | undefined;
  /** What is agreed; `undefined`: plain RTP. */
  readonly pair: SrtpPair | undefined;
  /** For our offer: the suite that is agreed, else all that we know, each with its key. */
  offered(): CryptoAttribute[];
  /** They answered our offer; none of theirs: plain. Throws `SdpError` when it is not one of ours. */
  accept(theirs: readonly CryptoAttribute[]): void;
  /** They offered: takes the first, and gives ours for the answer (RFC 4568 §5.1.2); none of theirs: plain. */
  answer(theirs: readonly CryptoAttribute[]): CryptoAttribute[];
}

export function createEndKeys(): EndKeys {
  const own = new Map<CryptoSuite, { material: Buffer; sender: SrtpSender | undefined }>();
  let agreed: { theirs: CryptoAttribute; pair: SrtpPair } | undefined;

  function ownOf(suite: CryptoSuite) {
    let found = own.get(suite);
    if (!found) {
      found = { material: randomBytes(cryptoMaterialBytes(suite)), sender: undefined };
      own.set(suite, found);
    }
    return found;
  }

  function agree(theirs: CryptoAttribute) {
    const { suite, material } = theirs;
    const isKnown = agreed?.theirs.suite === suite && agreed.theirs.material.equals(material);
    const ours = ownOf(suite);
    ours.sender ??= createSrtpSender(srtpMaster(suite, ours.material));
    const receiver =
      isKnown && agreed ? agreed.pair.receiver : createSrtpReceiver(srtpMaster(suite, material));
    agreed = { theirs, pair: { sender: ours.sender, receiver } };
  }

  return {
    get suite() {
      return agreed?.theirs.suite;
    },
    get pair() {
      return agreed?.pair;
    },
    offered() {
      const suites = agreed ? [agreed.theirs.suite] : OFFERED_CRYPTO_SUITES;
      return suites.map((suite) => ({
        tag: CRYPTO_SUITES.indexOf(suite) + 1,
        suite,
        material: ownOf(suite).material,
      }));
    },
    accept([first]) {
      if (!first) {
        agreed = undefined;
        return;
      }
      if (CRYPTO_SUITES[first.tag - 1] !== first.suite || !own.has(first.suite))
        throw new SdpError('bad-sdp', 'An answer with a key for what was not offered');
      agree(first);
    },
    answer([first]) {
      if (!first) {
        agreed = undefined;
        return [];
      }
      agree(first);
      return [{ tag: first.tag, suite: first.suite, material: ownOf(first.suite).material }];
    },
  };
}
