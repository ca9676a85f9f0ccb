import '@mantine/core/styles/UnstyledButton.layer.css';
import '@mantine/core/styles/Loader.layer.css';
import '@mantine/core/styles/Button.layer.css';
import { Button as MantineButton, type ButtonProps as MantineButtonProps } from '@mantine/core';
import type { ButtonHTMLAttributes, Ref } from 'react';
import { Link } from './link.tsx';
import type { ButtonVariant } from './theme.ts';

type Native = Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'style' | 'color'>;

export interface ButtonProps extends Omit<MantineButtonProps, 'variant' | 'size'>, Native {
  /** One `filled` a screen; `call` and `end` only for calls. */
  variant?: ButtonVariant;
  /** 32, 40 or 44 high; all at least 44 on telephones. */
  size?: 'sm' | 'md' | 'lg';
  /** Makes it a link. */
  href?: string;
  ref?: Ref<HTMLButtonElement>;
}

/** A button. Its width follows its words. */
export function Button({ href, ref, ...props }: ButtonProps) {
  if (href !== undefined) {
    const { type: _type, ...rest } = props;
    return <MantineButton component={Link} href={href} {...(rest as object)} />;
  }
  return <MantineButton ref={ref} type="button" {...props} />;
}
