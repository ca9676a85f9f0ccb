import type { NumberTextProps } from '@liaison/core/web';
import { formatIncompletePhoneNumber } from 'libphonenumber-js/min';

export const inFull = (number: string): string => formatIncompletePhoneNumber(number);

export const NumberInFull = ({ number }: NumberTextProps) => inFull(number);
