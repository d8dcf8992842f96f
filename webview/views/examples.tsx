/** Tokens where a node is active, each within its line. */
import { t } from '../../shared/l10n';
import { signed } from '../../shared/format';
import type { Example, ExampleGroup } from '../protocol';
import { Link } from './text';

const SHOWN = 8;

interface ExamplesProps {
  readonly title: string;
  readonly list: readonly Example[];
  readonly onReveal: (token: number) => void;
}

/** Examples of the open file. */
export function Examples({ title, list, onReveal }: ExamplesProps) {
  if (list.length === 0) return null;
  return (
    <section>
      <h3>{title}</h3>
      <ExampleList list={list.slice(0, SHOWN)} onReveal={onReveal} />
    </section>
  );
}

interface HeldOutProps {
  readonly title: string;
  readonly groups: readonly ExampleGroup[];
}

/** Examples of held-out text, the strongest and those around percentiles apart. */
export function HeldOut({ title, groups }: HeldOutProps) {
  if (groups.length === 0) return null;
  return (
    <section class="held-out">
      <h3>{title}</h3>
      {groups.map(({ percentile, examples }) => (
        <section key={percentile}>
          <h4
            title={
              percentile === null
                ? undefined
                : t('Of the tokens at which it has this sign, by magnitude')
            }
          >
            {percentile === null ? t('strongest') : t('around the {0}th percentile', percentile)}
          </h4>
          <ExampleList list={examples} />
        </section>
      ))}
    </section>
  );
}

interface ExampleListProps {
  readonly list: readonly Example[];
  readonly onReveal?: (token: number) => void;
}

function ExampleList({ list, onReveal }: ExampleListProps) {
  return (
    <ul class="examples">
      {list.map(({ before, text, after, activation, token, source }, i) => (
        <li key={i}>
          <span class="number">{signed(activation)}</span>
          <span class="quote">
            {/* Cut at its far end, so that the token stays in sight. */}
            <span class="before">
              <bdi dir="ltr">{before}</bdi>
            </span>
            <mark>
              <bdi>{text}</bdi>
            </mark>
            <bdi class="after">{after}</bdi>
          </span>
          {token !== null && (
            <Link title={t('Go to {0}', source)} onClick={() => onReveal?.(token)}>
              {source}
            </Link>
          )}
        </li>
      ))}
    </ul>
  );
}
