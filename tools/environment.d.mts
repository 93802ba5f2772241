export interface Environment {
  readonly browser: string | null;
  readonly vulkanIcd: string | null;
  readonly vulkanLoader: string | null;
  /** The adapter Dawn found when the set-up ran, for people to read. */
  readonly adapter: string | null;
}
export const root: string;
export const cacheFolder: string;
export function readEnvironment(): Environment;
export function writeEnvironment(environment: Environment): void;
export function browserCandidates(): string[];
export function findVulkanIcd(browser?: string | null): string | null;
export function findVulkanLoader(icd: string | null): string | null;
export function prepareVulkan(): string | null;
