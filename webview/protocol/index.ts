/** What the extension and the circuit panel say to each other; all that either knows of the other. */
export type { Ablations, Entry, Isolation } from './ablations';
export type { Lens } from './lens';
export type { Weight } from './weight';
export type { Attention, Match } from './attention';
export type { Activity, Card, Example, ExampleGroup, Neighbor } from './card';
export { readAsk, readToPanel, type Part, type Told, type ToHost, type ToPanel } from './messages';
export type { Notes } from './notes';
export {
  EdgeSchema,
  type Circuit,
  type GraphEdge,
  type GraphNode,
  type Prediction,
  type Subject,
} from './prediction';
export {
  FORMATS,
  reads,
  REQUESTS,
  type Answer,
  type Ask,
  type Asks,
  type Format,
  type Tells,
  type What,
} from './requests';
export type { BridgeNodes, Steering, SteeringControls } from './steering';
export type { Piece, Story } from './story';
export {
  KindSchema,
  ModeSchema,
  type Kind,
  type Mode,
  type Pin,
  type Place,
  type Vertex,
  type Way,
} from './values';
export { readState, type ViewState } from './viewState';
