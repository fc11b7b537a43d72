/** A golden file as the build makes it a module. */
declare module '*.yaml' {
  export const text: string;
  export const document: import('./document.js').GoldenDocument;
}
