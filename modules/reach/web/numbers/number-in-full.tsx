import type { NumberTextProps } from '@liaison/core/web';
import { formatIncompletePhoneNumber } from 'libphonenumber-js/min';

export const NumberInFull = ({ number }: NumberTextProps) => formatIncompletePhoneNumber(number);
