import type { PersonalData } from '@liaison/core/personal-data';

/** A description of machines knows nobody; the e-mail address of a certificate is the organisation's. */
export const personalData: PersonalData = {
  module: 'sites',
  async *export() {},
  async erase() {},
  retention: [],
};
