/** Takes up the language that the extension wrote into the page. */
import { speak, type Words } from '../shared/l10n';

const { lang, dataset } = document.documentElement;
speak({ name: lang, words: JSON.parse(dataset.words ?? '{}') as Words });
