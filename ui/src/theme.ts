import {
  type CSSVariablesResolver,
  createTheme,
  defaultVariantColorsResolver,
  type MantineThemeComponents,
  type VariantColorsResolver,
} from '@mantine/core';
import skin from './theme.module.css';

/** The variants that exist. `call` is only for calling and answering, `end` only for hanging up and refusing. */
export type ButtonVariant = 'filled' | 'default' | 'subtle' | 'soft' | 'call' | 'end';

const variants: Record<ButtonVariant, ReturnType<VariantColorsResolver>> = {
  filled: {
    background: 'var(--accent)',
    hover: 'var(--accent-hover)',
    color: 'var(--text-on-accent)',
    border: '1px solid transparent',
  },
  default: {
    background: 'var(--surface-raised)',
    hover: 'var(--surface-hover)',
    color: 'var(--text)',
    border: '1px solid var(--border-button)',
  },
  subtle: {
    background: 'transparent',
    hover: 'var(--surface-hover)',
    color: 'var(--text-2)',
    border: '1px solid transparent',
  },
  soft: {
    background: 'var(--accent-soft)',
    hover: 'var(--surface-selected)',
    color: 'var(--accent-soft-text)',
    border: '1px solid transparent',
  },
  call: {
    background: 'var(--answer)',
    hover: 'var(--answer-hover)',
    color: 'var(--on-verb)',
    border: '1px solid transparent',
  },
  end: {
    background: 'var(--hangup)',
    hover: 'var(--hangup-hover)',
    color: 'var(--on-verb)',
    border: '1px solid transparent',
  },
};

const variantColorResolver: VariantColorsResolver = (input) =>
  input.variant in variants ? variants[input.variant as ButtonVariant] : defaultVariantColorsResolver(input);

const buttonHeights: Record<string, string> = {
  sm: 'var(--control-h)',
  md: 'var(--control-h-md)',
  lg: '44px',
};
const buttonPaddings: Record<string, string> = { sm: '12px', md: '16px', lg: '18px' };

/**
 * Plain objects, not `Component.extend(…)`: naming a component here would put it into every page's first load.
 * Each component's own props still check what a page passes.
 */
const components: MantineThemeComponents = {
  Button: {
    defaultProps: { size: 'sm', variant: 'filled' },
    classNames: { root: skin.button, section: skin.buttonSection, label: skin.buttonLabel },
    vars: (_theme: unknown, props: { size?: unknown }) => {
      const size = typeof props.size === 'string' ? props.size : 'sm';
      return {
        root: {
          '--button-height': buttonHeights[size] ?? 'var(--control-h)',
          '--button-padding-x': buttonPaddings[size] ?? '12px',
          '--button-fz': size === 'lg' ? 'var(--fs-14)' : 'var(--fs-13)',
          '--button-radius': size === 'lg' ? 'var(--r-3)' : 'var(--r-2)',
        },
      };
    },
  },
  ActionIcon: {
    defaultProps: { size: 'sm', variant: 'subtle' },
    vars: () => ({ root: { '--ai-size': 'var(--hit)', '--ai-radius': 'var(--r-2)' } }),
  },
  Input: { classNames: { input: skin.input } },
  InputWrapper: {
    defaultProps: { inputWrapperOrder: ['label', 'input', 'description', 'error'] },
    classNames: { root: skin.field, label: skin.label, description: skin.hint, error: skin.error },
  },
  TextInput: { defaultProps: { size: 'sm' } },
  PasswordInput: { defaultProps: { size: 'sm' }, classNames: { innerInput: skin.innerInput } },
  NumberInput: { defaultProps: { size: 'sm' } },
  Textarea: { defaultProps: { size: 'sm' } },
  Select: {
    defaultProps: {
      size: 'sm',
      comboboxProps: { shadow: 'md', radius: 'lg', zIndex: 'var(--z-floating)' },
    },
    classNames: { dropdown: skin.dropdown, option: skin.option },
  },
  Menu: {
    defaultProps: { shadow: 'md', radius: 'lg', withinPortal: true, zIndex: 'var(--z-floating)', offset: 6 },
    classNames: {
      dropdown: skin.dropdown,
      item: skin.option,
      label: skin.menuLabel,
      divider: skin.menuDivider,
    },
  },
  Popover: {
    defaultProps: { shadow: 'md', radius: 'lg', withinPortal: true, zIndex: 'var(--z-floating)' },
    classNames: { dropdown: skin.dropdown },
  },
  Tooltip: {
    defaultProps: {
      openDelay: 500,
      zIndex: 'var(--z-floating)',
      events: { hover: true, focus: true, touch: false },
    },
    classNames: { tooltip: skin.tooltip },
  },
  Tabs: { defaultProps: { variant: 'default' }, classNames: { list: skin.tabList, tab: skin.tab } },
  SegmentedControl: {
    defaultProps: { size: 'sm' },
    classNames: {
      root: skin.segmented,
      indicator: skin.segmentedIndicator,
      label: skin.segmentedLabel,
    },
  },
  Checkbox: {
    defaultProps: { size: '18px', radius: '5px' },
    classNames: { input: skin.checkbox, label: skin.checkLabel },
  },
  Radio: {
    defaultProps: { iconColor: 'var(--text-on-accent)' },
    classNames: { radio: skin.radio, label: skin.checkLabel },
    vars: () => ({ root: { '--radio-size': '18px', '--radio-icon-size': '7px' } }),
  },
  Switch: { defaultProps: { size: 'sm' }, classNames: { label: skin.checkLabel, track: skin.track } },
};

export const theme = createTheme({
  fontFamily: 'var(--font)',
  fontFamilyMonospace: 'var(--font-mono)',
  headings: { fontFamily: 'var(--font)', fontWeight: '620' },
  primaryColor: 'petrol',
  primaryShade: { light: 6, dark: 3 },
  // Mantine resolves its palette in script, so the ten steps of petrol are written here; 6 and 3 are --accent's two values.
  colors: {
    petrol: [
      '#eaf5f8',
      '#d3e9ef',
      '#a3d5e2',
      '#63c3d8',
      '#35a3bc',
      '#16809a',
      '#0b6379',
      '#084d5e',
      '#073f4d',
      '#04222a',
    ],
  },
  defaultRadius: 'sm',
  radius: { xs: '4px', sm: '6px', md: '8px', lg: '12px', xl: '16px' },
  spacing: { xs: '4px', sm: '8px', md: '12px', lg: '16px', xl: '24px' },
  fontSizes: {
    xs: 'var(--fs-12)',
    sm: 'var(--fs-13)',
    md: 'var(--fs-14)',
    lg: 'var(--fs-16)',
    xl: 'var(--fs-18)',
  },
  shadows: {
    xs: 'var(--shadow-1)',
    sm: 'var(--shadow-1)',
    md: 'var(--shadow-2)',
    lg: 'var(--shadow-3)',
    xl: 'var(--shadow-3)',
  },
  focusRing: 'auto',
  cursorType: 'pointer',
  respectReducedMotion: true,
  variantColorResolver,
  components,
});

const schemeVariables = {
  '--mantine-color-body': 'var(--surface-page)',
  '--mantine-color-text': 'var(--text)',
  '--mantine-color-bright': 'var(--text)',
  '--mantine-color-dimmed': 'var(--text-3)',
  '--mantine-color-placeholder': 'var(--text-3)',
  '--mantine-color-anchor': 'var(--accent-text)',
  '--mantine-color-error': 'var(--danger-text)',
  '--mantine-color-default': 'var(--surface-raised)',
  '--mantine-color-default-hover': 'var(--surface-hover)',
  '--mantine-color-default-color': 'var(--text)',
  '--mantine-color-default-border': 'var(--border)',
  '--mantine-color-disabled': 'var(--surface-sunken)',
  '--mantine-color-disabled-color': 'var(--text-3)',
  '--mantine-color-disabled-border': 'var(--border)',
};

/** Mantine's own variables, pointed at our tokens. It writes them once per scheme; both times the token decides. */
export const cssVariablesResolver: CSSVariablesResolver = () => ({
  variables: {
    '--mantine-line-height': 'var(--lh-ui)',
    '--mantine-primary-color-filled': 'var(--accent)',
    '--mantine-primary-color-filled-hover': 'var(--accent-hover)',
    '--mantine-primary-color-contrast': 'var(--text-on-accent)',
  },
  light: schemeVariables,
  dark: schemeVariables,
});
