/** A number from a slider: said while it moves, taken when it is let go. */
import { useRef, useState } from 'preact/hooks';

interface Props {
  /** What it is called, in sight and aloud. */
  readonly label: string;
  /** A sentence on what it does. */
  readonly title: string;
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
  /** Takes it; the slider stays where it was let go until this has ended. */
  readonly onDone?: (value: number) => void | Promise<void>;
}

export function Slider(props: Props) {
  const { label, title, value, text, on = false, disabled = false } = props;
  const range = { min: props.min, max: props.max, step: props.step };
  const [draft, setDraft] = useState<number | null>(null);
  /** Counts steps: what comes of an earlier one must not take the slider back, nor does an equal value tell. */
  const steps = useRef(0);
  const take = async (now: number) => {
    const own = ++steps.current;
    setDraft(now);
    await props.onDone?.(now);
    if (own === steps.current) setDraft(null);
  };
  return (
    <label class={`slider ${on ? 'on' : ''}`} title={title}>
      {label}
      <input
        type="range"
        aria-label={label}
        aria-valuetext={text(draft ?? value)}
        {...{ ...range, disabled }}
        value={draft ?? value}
        onInput={({ currentTarget }) => {
          const now = Number(currentTarget.value);
          steps.current++;
          setDraft(now);
          props.onMove?.(now);
        }}
        onChange={({ currentTarget }) => {
          void take(Number(currentTarget.value));
        }}
      />
      <output>{text(draft ?? value)}</output>
    </label>
  );
}
