/**
 * The controls that are taken from the toolkit, the one place that names its tags: it is no longer
 * developed, and whatever comes after it goes here.
 */
import {
  provideVSCodeDesignSystem,
  vsCodeButton,
  vsCodeCheckbox,
  vsCodeDropdown,
  vsCodeOption,
  vsCodeProgressRing,
  vsCodeTextField,
} from '@vscode/webview-ui-toolkit';
import { h, type ComponentChildren, type JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

/** Gives an element its name: some elements of the toolkit overwrite what they are made with. */
function useName<T extends HTMLElement>(name: string | undefined) {
  const element = useRef<T>(null);
  useLayoutEffect(() => {
    if (name !== undefined) element.current?.setAttribute('aria-label', name);
  }, [name]);
  return element;
}

/** Makes the elements known to the page. */
export function registerToolkit(): void {
  provideVSCodeDesignSystem().register(
    vsCodeButton(),
    vsCodeCheckbox(),
    vsCodeDropdown(),
    vsCodeOption(),
    vsCodeProgressRing(),
    vsCodeTextField(),
  );
}

interface ButtonProps {
  readonly onClick: () => void;
  /** A sentence on what it does. */
  readonly title?: string;
  /** Of a button that shows a sign instead of words. */
  readonly name?: string;
  /** Of a button that is on or off. */
  readonly pressed?: boolean;
  readonly disabled?: boolean;
  readonly children: ComponentChildren;
}

export function Button({ onClick, title, name, pressed, disabled = false, children }: ButtonProps) {
  const attributes = {
    ref: useName(name),
    appearance: pressed === true ? 'primary' : 'secondary',
    ...((title ?? name) ? { title: title ?? name } : {}),
    ...(pressed === undefined ? {} : { 'aria-pressed': String(pressed) }),
    disabled,
    onClick,
  };
  return h('vscode-button', attributes, children);
}

interface CheckboxProps {
  readonly checked: boolean;
  readonly name: string;
  readonly onChange: (checked: boolean) => void;
  readonly children: ComponentChildren;
}

export function Checkbox({ checked, name, onChange, children }: CheckboxProps) {
  const changed = ({ currentTarget }: Event) => {
    const { checked: now } = currentTarget as HTMLInputElement;
    // It also tells of changes that the page made.
    if (now !== checked) onChange(now);
  };
  const ref = useName(name);
  return h('vscode-checkbox', { ref, checked, onChange: changed }, children);
}

interface DropdownProps {
  readonly name: string;
  readonly value: string;
  /** Values with their texts. */
  readonly options: readonly (readonly [value: string, text: string])[];
  readonly onChange: (value: string) => void;
  readonly class?: string;
  readonly disabled?: boolean;
}

/** A menu of one choice; it shows `value`, whatever was chosen, until that is another. */
export function Dropdown(props: DropdownProps) {
  const { name, value, options, onChange, disabled = false } = props;
  const menu = useName<HTMLSelectElement>(name);
  useLayoutEffect(() => {
    if (menu.current && menu.current.value !== value) menu.current.value = value;
  });
  const changed = () => {
    const chosen = menu.current?.value ?? value;
    if (chosen === value || !options.some(([own]) => own === chosen)) return;
    onChange(chosen);
    // A choice that is an act leaves the menu as it was.
    if (menu.current && props.value === value) menu.current.value = value;
  };
  const attributes = { ref: menu, class: props.class ?? '', disabled };
  return h(
    'vscode-dropdown',
    { ...attributes, onChange: changed },
    options.map(([own, text]) =>
      h(
        'vscode-option',
        {
          ...{ key: own, selected: own === value },
          // Its attribute is what it begins with, and what people who write style sheets see.
          ref: (option: HTMLElement | null) => option?.setAttribute('value', own),
        },
        text,
      ),
    ),
  );
}

interface FieldProps {
  readonly name: string;
  readonly value: string;
  readonly placeholder: string;
  readonly class?: string;
  readonly maxLength?: number;
  /** Hears every letter. */
  readonly onInput?: (text: string) => void;
  /** Hears what was typed when it is done. */
  readonly onChange?: (text: string) => void;
}

export function TextField(props: FieldProps) {
  const { name, value, placeholder, maxLength, onInput, onChange } = props;
  const text = ({ currentTarget }: Event) => (currentTarget as HTMLInputElement).value;
  const field = useName<HTMLInputElement>(name);
  // Not as an attribute: what is being typed would be lost whenever the page is drawn again.
  useLayoutEffect(() => {
    const { current } = field;
    if (current && document.activeElement !== current) current.value = value;
  }, [value]);
  return h('vscode-text-field', {
    ...{ ref: field, placeholder, class: props.class ?? '' },
    ...(maxLength === undefined ? {} : { maxlength: maxLength }),
    ...(onInput ? { onInput: (event: Event) => onInput(text(event)) } : {}),
    ...(onChange ? { onChange: (event: Event) => onChange(text(event)) } : {}),
  });
}

/** Says that something is under way. */
export function Ring(): JSX.Element {
  return h('vscode-progress-ring', {});
}
