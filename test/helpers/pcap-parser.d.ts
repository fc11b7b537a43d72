/** As much of pcap-parser 0.2.1 as the differential test takes: it ships no types. */
declare module 'pcap-parser' {
  interface ParsedRecord {
    readonly header: {
      readonly timestampSeconds: number;
      readonly timestampMicroseconds: number;
      readonly capturedLength: number;
      readonly originalLength: number;
    };
    readonly data: Uint8Array;
  }
  interface Parser {
    on(event: 'packet', listener: (record: ParsedRecord) => void): this;
    on(event: 'end', listener: () => void): this;
    on(event: 'error', listener: (error: Error) => void): this;
  }
  const pcapParser: { parse(path: string): Parser };
  // biome-ignore lint/style/noDefaultExport: a CommonJS module has no other
  export default pcapParser;
}
