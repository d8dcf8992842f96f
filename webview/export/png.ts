/** A picture as PNG, drawn from its SVG so that it has the same title, columns and legend. */
import { t } from '../../shared/l10n';

const SCALE = 2;
/** Pixels along a side beyond which browsers draw nothing. */
const MOST = 8000;

/**
 * The SVG as PNG in base64.
 * @throws one line when the browser cannot draw it
 */
export async function pngOf(svg: string): Promise<string> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode().catch(() => {
    throw new Error(t('the picture cannot be drawn; export it as SVG'));
  });
  const scale = Math.min(SCALE, MOST / Math.max(image.width, image.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(scale * image.width);
  canvas.height = Math.round(scale * image.height);
  canvas.getContext('2d')!.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL('image/png').replace(/^data:image\/png;base64,/, '');
}
