export interface MeasuredPlace {
  readonly name: string;
  readonly machine: object;
  readonly results: Readonly<Record<string, object>>;
}

export declare function withTables(text: string, places: readonly MeasuredPlace[]): string;
export declare function readPlaces(folder?: string): MeasuredPlace[];
