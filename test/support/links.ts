/** Where the links and pictures of a Markdown page lead, those that are relative, without their fragment. */
export function linksOf(markdown: string): string[] {
  const code = /^```[^]*?^```/gm;
  return Array.from(markdown.replace(code, '').matchAll(/\]\(([^)\s]+)\)/g), ([, link]) => link)
    .filter((link) => !/^([a-z]+:|#)/.test(link))
    .map((link) => link.replace(/#.*$/, ''));
}
