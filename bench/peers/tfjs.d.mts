import type { Peer } from '../harness/peer';

export declare const open: Peer['open'];
export declare const product: Peer['product'];
export declare const softmax: Peer['softmax'];
export declare const training: NonNullable<Peer['training']>;
