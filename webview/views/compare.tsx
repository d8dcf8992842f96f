/** Two texts: the line up to the prediction, and what may stand there instead. */
import { useRef } from 'preact/hooks';
import { t } from '../../shared/l10n';
import type { Panel } from '../panel';
import type { Subject } from '../protocol';
import { Button } from '../toolkit';
import { Code } from './text';

export function CompareBar({ panel, subject }: { panel: Panel; subject: Subject }) {
  const { line, other } = subject;
  const field = useRef<HTMLTextAreaElement>(null);
  const compare = () => {
    panel.act('compare', { line: field.current!.value });
  };
  return (
    <section class="compare" aria-label={t('Compare two texts')}>
      <div class="row">
        <span class="muted">{t('this text')}</span>
        <Code text={line.replaceAll('\n', '↵')} class="line" />
      </div>
      <div class="row">
        <label class="muted" for="other-line">
          {t('other text')}
        </label>
        <textarea
          // Another prediction has another line.
          key={line}
          id="other-line"
          ref={field}
          rows={line.includes('\n') ? 2 : 1}
          spellcheck={false}
          title={t('Line of the other text, up to its prediction')}
          defaultValue={other?.line ?? line}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || event.shiftKey) return;
            event.preventDefault();
            compare();
          }}
        />
        <Button
          title={t(
            'Predict after this line too, and measure the effect of its activations in this text',
          )}
          onClick={compare}
        >
          {t('Compare')}
        </Button>
        <Button
          title={t(
            'Compare with the text up to the token that the cursor is on; pin the panel first',
          )}
          disabled={panel.model.pinned !== 'yes'}
          onClick={() => {
            panel.act('compareCursor', {});
          }}
        >
          {t('Text at the cursor')}
        </Button>
        <Button
          onClick={() => {
            panel.endComparison();
          }}
        >
          {t('Close')}
        </Button>
      </div>
      {other && (
        <p class="muted">
          {t(
            'Color: how much higher or lower a node is in the other text. Effect: measured by patching that activation into this text, one node at a time; select nodes to patch several at once.',
          )}
        </p>
      )}
    </section>
  );
}
