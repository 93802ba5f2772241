import type { Trial } from './case';
import type {
  GenerationProblem,
  ProductProblem,
  SoftmaxProblem,
  TrainingProblem,
} from './problems';

/** What a library's file in bench/peers exports, as far as the library can do it. */
export interface Peer {
  readonly open: () => Promise<void>;
  readonly product: (problem: ProductProblem) => Promise<Trial>;
  readonly softmax: (problem: SoftmaxProblem) => Promise<Trial>;
  readonly training?: (problem: TrainingProblem) => Promise<Trial>;
  readonly generation?: (problem: GenerationProblem) => Promise<Trial>;
}

/** Libraries are loaded when a case needs them: some look for WebGPU as they load. */
export type Peers = Readonly<Record<string, () => Promise<Peer>>>;
