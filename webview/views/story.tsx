/** Why the model expects the token, told first: a few sentences whose nodes open their cards. */
import { t } from '../../shared/l10n';
import type { Panel } from '../panel';
import type { Piece } from '../protocol';
import { Code, Link, Problem } from './text';

export function StoryView({ panel }: { panel: Panel }) {
  const { story, problems } = panel.model;
  if (problems.story !== undefined) {
    return (
      <Problem
        text={problems.story}
        onRetry={() => {
          panel.retry();
        }}
      />
    );
  }
  if (!story || story.length === 0) return null;
  return (
    <section class="story" aria-label={t('Explanation')} tabIndex={0}>
      {story.map((sentence, i) => (
        <span key={i}>
          {sentence.map((piece, j) => (
            <PieceView key={j} piece={piece} panel={panel} />
          ))}{' '}
        </span>
      ))}
    </section>
  );
}

function PieceView({ piece, panel }: { piece: Piece; panel: Panel }) {
  if (typeof piece === 'string') return <>{piece}</>;
  if ('code' in piece) return <Code text={piece.code} />;
  const { node, token, text, about } = piece;
  const given = panel.model.labels.get(node);
  return (
    <>
      <Link
        title={t('Open {0}', text)}
        onClick={() => {
          panel.choice.open({ node, token });
        }}
      >
        {text}
      </Link>
      {given === undefined ? (
        about !== null && <span class="muted"> ({about})</span>
      ) : (
        <span title={t('Your label')}> {t('(“{0}”)', given)}</span>
      )}
    </>
  );
}
