/** The panel's page: our script and sheet, and nothing from anywhere else. */

import { spoken, t } from '../../shared/l10n';

/** What the page loads. */
export interface PageParts {
  /** Addresses within the webview. */
  readonly script: string;
  readonly sheet: string;
  /** Where the webview serves its files from. */
  readonly source: string;
  /** Known to this page only. */
  readonly nonce: string;
}

/** The page's HTML, with the words of its language in it. */
export function pageHtml({ script, sheet, source, nonce }: PageParts): string {
  const { name, words } = spoken();
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${source} 'nonce-${nonce}'`,
    `font-src ${source}`,
    `img-src ${source} data: blob:`,
    // What follows does not fall back to the default.
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  // cytoscape looks for a sheet of this id, and would write one that the policy forbids. The toolkit
  // makes an empty sheet of its own, with the nonce that it looks for in a meta element.
  return `<!doctype html>
<html lang="${attribute(name)}" data-words="${attribute(JSON.stringify(words))}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta property="csp-nonce" content="${nonce}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${attribute(t('Circuit'))}</title>
<link rel="stylesheet" id="__________cytoscape_stylesheet" href="${sheet}">
</head>
<body>
<script nonce="${nonce}" src="${script}"></script>
</body>
</html>
`;
}

/** Text within an element or a quoted attribute. */
function attribute(text: string): string {
  return text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);
}
