/** A number from a slider: said while it moves, taken when it is let go. */
import { useEffect, useState } from 'preact/hooks';

interface Props {
  readonly label: string;
  readonly name: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly text: (value: number) => string;
  /** Marked, because it is what holds. */
  readonly on?: boolean;
  readonly disabled?: boolean;
  /** Hears every step; by default nobody does. */
  readonly onMove?: (value: number) => void;
  readonly onDone?: (value: number) => void;
}

export function Slider(props: Props) {
  const { label, name, value, min, max, step, text, on = false, disabled = false } = props;
  const [draft, setDraft] = useState<number | null>(null);
  // What came of it counts from here on.
  useEffect(() => {
    setDraft(null);
  }, [value]);
  return (
    <label class={`slider ${on ? 'on' : ''}`}>
      {label}
      <input
        type="range"
        aria-label={name}
        aria-valuetext={text(draft ?? value)}
        {...{ min, max, step, disabled }}
        value={draft ?? value}
        onInput={({ currentTarget }) => {
          const now = Number(currentTarget.value);
          setDraft(now);
          props.onMove?.(now);
        }}
        onChange={({ currentTarget }) => {
          props.onDone?.(Number(currentTarget.value));
        }}
      />
      <output>{text(draft ?? value)}</output>
    </label>
  );
}
