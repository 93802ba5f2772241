/** What is known of the adapter; recorded in run files and shown in the status line. */
export interface AdapterFacts {
  readonly vendor: string;
  readonly architecture: string;
  readonly description: string;
  /** True for a CPU rasteriser such as SwiftShader. */
  readonly software: boolean;
}
