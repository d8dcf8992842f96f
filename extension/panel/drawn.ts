/** A circuit that was found for prompts, as the panel draws it. */

/** One prompt, the answer that is right after it, and the other answer of its pair. */
export interface ExamplePrompt {
  readonly prompt: string;
  readonly answer: string;
  readonly other: string;
}

export interface DrawnCircuit {
  readonly name: string;
  /** Where it comes from, as commands name it; nothing for one that a panel exported. */
  readonly origin?: string | undefined;
  /** Hash of the model whose nodes it has. */
  readonly model: string;
  /** What it decides, in words. */
  readonly description: string;
  /** Nodes that are enough, and those that must be closed beside them so that the rest fails. */
  readonly core: readonly string[];
  readonly backups: readonly string[];
  /** Weights between the nodes, as many as its file lists, and how many there are. */
  readonly edges: readonly {
    readonly from: string;
    readonly to: string;
    readonly weight: number;
  }[];
  readonly edgeCount: number;
  /** What closes a node. */
  readonly ablation: 'mean' | 'zero';
  /** What is known of it: names and values. */
  readonly facts: readonly (readonly [name: string, value: string])[];
  readonly prompts: readonly ExamplePrompt[];
}
