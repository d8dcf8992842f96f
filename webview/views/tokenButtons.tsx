/** A row of buttons for the tokens that a head reads most, for who does not point. */
import { t } from '../../shared/l10n';
import { percent } from '../../shared/format';
import type { Attention } from '../protocol';
import { Button } from '../toolkit';

const SHOWN = 6;

interface Props {
  readonly attention: Attention;
  readonly onMatch: (key: number) => void;
}

export function TokenButtons({ attention, onMatch }: Props) {
  const { rows, reader, texts, start } = attention;
  const strongest = rows[reader]
    .map((share, i) => ({ share, i }))
    .sort((a, b) => b.share - a.share)
    .slice(0, SHOWN);
  return (
    <div class="row">
      {strongest.map(({ share, i }) => (
        <Button
          key={i}
          title={t('Why {0}: query and key', texts[i])}
          onClick={() => {
            onMatch(start + i);
          }}
        >
          {`${texts[i]} ${percent(share)}`}
        </Button>
      ))}
    </div>
  );
}
