import type { Command } from '@liaison/core/cli';
import { good, type Step, warning } from '@liaison/core/doctor';
import { subjectOf } from './server/push/subject.ts';

export const commands: Command[] = [];

/** Whom push services may turn to; without it some of them refuse what is pushed. */
const pushStep: Step = {
  name: 'push',
  limitMs: 1000,
  async look({ settings }) {
    const subject = subjectOf(settings);
    return subject === null
      ? [
          warning(
            'push services are not told whom to turn to, and Apple’s takes nothing from us: its browsers show no news while closed',
            'set LIAISON_CONTACT to an address of mail such as mailto:postmaster@example.org, or LIAISON_PUBLIC_URL to the https address of people',
          ),
        ]
      : [good(`push services turn to ${subject}`)];
  },
};

export const doctorSteps: readonly Step[] = [pushStep];
