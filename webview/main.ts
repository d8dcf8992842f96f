/** Entry of the circuit panel. */
import { App } from './app';
import { Host } from './host';
import { Page } from './page';
import { registerToolkit } from './toolkit';

registerToolkit();
new App(new Page(document.body), new Host());
