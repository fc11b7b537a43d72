/** `NAME.as.ts`, AssemblyScript, as the build makes it a module. */
declare module '*.wasm' {
  /** A copy of the WebAssembly that it was compiled to: it imports a memory. **Cost** some 10 µs. */
  export const code: () => Uint8Array;
}
