/** Entry of the circuit panel. */
// First, so that all others find their words.
import './language';
import { render } from 'preact';
import { Host } from './host';
import { Panel } from './panel';
import { registerToolkit } from './toolkit';
import { Page } from './views/page';

registerToolkit();
const host = new Host();
let soon = false;
const draw = () => {
  soon = false;
  render(<Page panel={panel} />, document.body);
};
/** Draws once, however much has changed in this turn. */
const panel = new Panel(host, () => {
  if (soon) return;
  soon = true;
  queueMicrotask(draw);
});
window.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
  panel.receive(data);
});
// The editor names its theme in the body's classes.
new MutationObserver(() => {
  panel.graph?.restyle();
  panel.changed();
}).observe(document.body, { attributes: true, attributeFilter: ['class', 'data-vscode-theme-id'] });
draw();
