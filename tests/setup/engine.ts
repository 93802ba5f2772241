import { factsOf, profileOf, type Gpu } from '../../src/gpu/device';
import { testAdapter, testDevice } from './device';

/** The test device as the engine takes it: with its facts and workgroup sizes. */
export async function testGpu(): Promise<Gpu> {
  const facts = factsOf(await testAdapter());
  return { device: await testDevice(), facts, profile: profileOf(facts), pollsBusily: true };
}
