/** What the layout is given, what it gives, and what its steps share. */

/** A node to be placed. */
export interface LayoutNode {
  readonly id: string;
  readonly column: number;
  /** Lanes are sorted by their numbers. */
  readonly lane: number;
  /** Pixels that it takes; columns of wide nodes stand farther apart. */
  readonly width?: number;
}

/** An edge, heavier where it should be straighter. */
export interface LayoutEdge {
  readonly from: string;
  readonly to: string;
  /** At least 0. */
  readonly weight: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Where each node is, and where the columns and lanes are. */
export interface Layout {
  readonly points: ReadonlyMap<string, Point>;
  /** Where each edge passes the columns between its ends, [edge]. */
  readonly routes: readonly (readonly Point[])[];
  readonly columns: readonly { readonly column: number; readonly x: number }[];
  readonly lanes: readonly Lane[];
}

/** A band of the picture. */
export interface Lane {
  readonly lane: number;
  readonly top: number;
  readonly bottom: number;
}

/** Room for the picture, in pixels. */
export interface Room {
  readonly width: number;
  readonly height: number;
}

/** A node, or a place where an edge passes a column. */
export interface Vertex {
  readonly rank: number;
  readonly lane: number;
  /** Pixels from its point up and down that nothing else may take. */
  readonly above: number;
  readonly below: number;
  readonly passing: boolean;
}

/** A piece of an edge from one column to the next. */
export interface Piece {
  readonly from: number;
  readonly to: number;
  readonly weight: number;
}

/** Vertices of each column from top to bottom, lane by lane. */
export type Order = readonly (readonly number[])[];
