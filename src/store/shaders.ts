import { create } from 'zustand';

/** SHA-256 of the shaders that the worker computes with (gpu/shader_hash.ts); null until it has named its adapter. */
export const useShaders = create<{ readonly hash: string | null }>(() => ({ hash: null }));
