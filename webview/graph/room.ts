/** How much room the picture takes. */

/** By itself nothing gets larger than this, and nothing so small that its names cannot be read. */
export const MOST_ZOOM = 1.25;
export const LEAST_ZOOM = 0.6;
export const PADDING = { left: 10, right: 10, top: 50, bottom: 8 };
/** Pixels that the picture is drawn out towards, whatever there is: after a reload it is the same. */
export const USUAL_HEIGHT = 400;
