/** A number from a slider: said while it moves, taken when it is let go. */
import { useEffect, useRef, useState } from 'preact/hooks';

/**
 * After this time (ms) nothing will be heard of a step any more. Long, since a busy host answers late: to go
 * back before it does would take the next key from an older place.
 */
const LOST_MS = 30_000;

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
  /** Where it was moved, or what was taken, and is not heard of yet. */
  const awaited = useRef<number | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const settle = () => {
    clearTimeout(timer.current);
    awaited.current = null;
    setDraft(null);
  };
  // What came of it counts from here on; word of an earlier step must not take the slider back.
  useEffect(() => {
    if (awaited.current === null || awaited.current === value) settle();
  }, [value]);
  useEffect(() => settle, []);
  const take = (now: number) => {
    clearTimeout(timer.current);
    awaited.current = now;
    timer.current = setTimeout(settle, LOST_MS);
    if (now === value) settle();
    else setDraft(now);
    props.onDone?.(now);
  };
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
          // What is heard while it moves is of an earlier step.
          if (props.onDone) awaited.current = now;
          props.onMove?.(now);
        }}
        onChange={({ currentTarget }) => {
          take(Number(currentTarget.value));
        }}
      />
      <output>{text(draft ?? value)}</output>
    </label>
  );
}
