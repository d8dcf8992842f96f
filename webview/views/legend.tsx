/** The legend of the picture, out of the way until it is opened. */
import { LEGEND } from '../graph/legend';

export function Legend() {
  return (
    <details class="legend">
      <summary>Legend</summary>
      <div>
        {LEGEND.map(([sign, text]) => (
          <span key={sign}>
            <i class={`sign ${sign}`} />
            {text}
          </span>
        ))}
      </div>
    </details>
  );
}
